/**
 * Counts and durations of what happens several times in a request, kept as plain numbers and told to prom-client when
 * somebody reads them: it checks and hashes the labels of each single observation, which is a twentieth of a request.
 */
import {
  Counter,
  type CounterConfiguration,
  Histogram,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValueWithName,
} from "prom-client";

/** Values of the labels in the order of `labelNames`; from closed lists, as each combination is kept. */
type LabelValues = readonly (string | number)[];

export function createTalliedCounter<Name extends string>(
  configuration: CounterConfiguration<Name> & { readonly labelNames: readonly Name[] },
): { readonly inc: (...values: LabelValues) => void } {
  const tallies = createTallies(() => ({ count: 0 }));
  new Counter({
    ...configuration,
    collect() {
      for (const { values, tally } of tallies.all()) {
        this.inc(toLabels(configuration.labelNames, values), tally.count);
        tally.count = 0;
      }
    },
  });
  return {
    inc: (...values) => {
      tallies.find(values).count += 1;
    },
  };
}

type Observed = { readonly counts: number[]; sum: number };

/** Its values are its own: prom-client has no way to take up observations that were counted before. */
export class TalliedHistogram<Name extends string> extends Histogram<Name> {
  private readonly described: HistogramConfiguration<Name>;
  private readonly names: readonly Name[];
  private readonly bounds: readonly number[];
  private readonly observed;

  constructor(
    configuration: HistogramConfiguration<Name> & {
      readonly labelNames: readonly Name[];
      readonly buckets: readonly number[];
    },
  ) {
    super({ ...configuration, buckets: [...configuration.buckets] });
    this.described = configuration;
    this.names = configuration.labelNames;
    this.bounds = configuration.buckets;
    this.observed = createTallies((): Observed => ({ counts: this.bounds.map(() => 0).concat(0), sum: 0 }));
  }

  tally(value: number, ...values: LabelValues): void {
    const observed = this.observed.find(values);
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
    observed.counts[at] = (observed.counts[at] ?? 0) + 1;
    observed.sum += value;
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<Name>>> {
    const { name, help, aggregator = "sum" } = this.described;
    const values = this.observed.all().flatMap(({ values: labelValues, tally }) => {
      const labels = toLabels(this.names, labelValues);
      let count = 0;
      const buckets = [...this.bounds, "+Inf"].map((le, at) => {
        count += tally.counts[at] ?? 0;
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: tally.sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
    // The enumeration is in prom-client's types only.
    const type = "histogram" as unknown as MetricType;
    return { name, help, aggregator, type, values, collect: () => {} };
  }

  /** prom-client asks for this one when it prints, where there is one. */
  getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<Name>>> {
    return this.get();
  }
}

function createTallies<Tally>(make: () => Tally) {
  const known = new Map<string, { readonly values: LabelValues; readonly tally: Tally }>();
  return {
    all: () => [...known.values()],
    find(values: LabelValues): Tally {
      const key = values.length === 1 ? String(values[0]) : values.join("\n");
      const found = known.get(key);
      if (found) return found.tally;
      const tally = make();
      known.set(key, { values, tally });
      return tally;
    },
  };
}

function toLabels<Name extends string>(
  names: readonly Name[],
  values: LabelValues,
): Partial<Record<Name, string | number>> {
  const labels: Partial<Record<Name, string | number>> = {};
  names.forEach((name, at) => {
    const value = values[at];
    if (value !== undefined) labels[name] = value;
  });
  return labels;
}
