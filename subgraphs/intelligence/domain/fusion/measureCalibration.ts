/**
 * How far forecasts can be believed, by horizon, from pairs of a forecast and what came.
 *
 *     Brier score   mean (f − o)²                                                    0 is best (Brier 1950)
 *     log score     mean −ln of the probability given to what came                  0 is best (Good 1952)
 *     Brier = reliability − resolution + uncertainty + within                       (Murphy 1973; within: Stephenson,
 *                                                      Coelho and Jolliffe 2008, for bins of unequal forecasts)
 */
import { keepUncertain, sum } from "./logOdds.ts";

export type Outcome = {
  /** Probability, 0 to 1. */
  readonly forecast: number;
  /** Whether it came true. */
  readonly outcome: 0 | 1;
  /** How far ahead it was judged. */
  readonly horizonDays: number;
};

export type ReliabilityBin = {
  /** Forecasts from here, to a tenth above; the last one includes 1. */
  readonly from: number;
  readonly count: number;
  readonly meanForecast: number;
  /** The share that came true. */
  readonly frequency: number;
};

export type Calibration = {
  readonly horizonDays: number;
  readonly count: number;
  readonly brierScore: number;
  readonly logScore: number;
  /** How far the frequencies of the bins are from their forecasts; 0 is best. */
  readonly reliability: number;
  /** How far the bins' frequencies differ from the overall one; the more the better. */
  readonly resolution: number;
  /** The Brier score of always saying the overall frequency: what was to be known. */
  readonly uncertainty: number;
  /** What remains because forecasts of one bin are not equal. */
  readonly within: number;
  /** Without the bins that no forecast fell into. */
  readonly bins: readonly ReliabilityBin[];
};

/** One for each horizon, nearest first. Throws on a forecast that is not a probability. */
export function measureCalibration(outcomes: readonly Outcome[]): readonly Calibration[] {
  for (const { forecast } of outcomes) {
    if (!(forecast >= 0 && forecast <= 1))
      throw new RangeError(`forecast: expected a probability, 0 to 1; got ${forecast}`);
  }
  const horizons = [...new Set(outcomes.map(({ horizonDays }) => horizonDays))].sort((a, b) => a - b);
  return horizons.map((horizonDays) =>
    measureHorizon(
      horizonDays,
      outcomes.filter((one) => one.horizonDays === horizonDays),
    ),
  );
}

function measureHorizon(horizonDays: number, outcomes: readonly Outcome[]): Calibration {
  const bins = toBins(outcomes);
  const overall = mean(outcomes.map(({ outcome }) => outcome));
  const ofBins = (measure: (bin: ReliabilityBin) => number): number =>
    sum(bins.map((bin) => (bin.count / outcomes.length) * measure(bin)));
  const brierScore = mean(outcomes.map(({ forecast, outcome }) => (forecast - outcome) ** 2));
  const reliability = ofBins(({ meanForecast, frequency }) => (meanForecast - frequency) ** 2);
  const resolution = ofBins(({ frequency }) => (frequency - overall) ** 2);
  const uncertainty = overall * (1 - overall);
  return {
    horizonDays,
    count: outcomes.length,
    brierScore,
    logScore: mean(outcomes.map(surprise)),
    reliability,
    resolution,
    uncertainty,
    within: brierScore - (reliability - resolution + uncertainty),
    bins,
  };
}

/** Finite also for a forecast of 0 or 1 that was wrong. */
function surprise({ forecast, outcome }: Outcome): number {
  return -Math.log(keepUncertain(outcome === 1 ? forecast : 1 - forecast));
}

function toBins(outcomes: readonly Outcome[]): readonly ReliabilityBin[] {
  return Array.from({ length: 10 }, (_, tenth) => tenth).flatMap((tenth) => {
    const own = outcomes.filter(({ forecast }) => Math.min(9, Math.floor(forecast * 10)) === tenth);
    if (own.length === 0) return [];
    const meanForecast = mean(own.map(({ forecast }) => forecast));
    return [
      {
        from: tenth / 10,
        count: own.length,
        meanForecast,
        frequency: mean(own.map(({ outcome }) => outcome)),
      },
    ];
  });
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
