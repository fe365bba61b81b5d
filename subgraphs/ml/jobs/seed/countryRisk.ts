/**
 * The model that ships with Atlas: a baseline whose coefficients were chosen by hand so that the graph has something
 * to answer before anything was trained. It learned from no data, says so (origin `seed`) and is replaced by versions
 * that federated runs train.
 *
 * Log-odds of "the risk of the country rises by a level within 30 days". Means and deviations are those of the
 * generated features beside it; a weight of 0.7 doubles the odds for each deviation.
 */
import type { LogisticModel } from "../../domain/predict.ts";

export const countryRisk = {
  code: "country-risk",
  name: "Country risk",
  task: "Probability that the risk of a country rises by a level within 30 days",
} as const;

const conflict = { name: "conflict-events-30d", mean: 12, deviation: 6 };
const cyber = { name: "cyber-severity-30d", mean: 0.35, deviation: 0.12 };
const currency = { name: "currency-volatility-90d", mean: 0.06, deviation: 0.02 };
const hazard = { name: "hazard-severity-30d", mean: 0.2, deviation: 0.08 };
const outages = { name: "infrastructure-outages-30d", mean: 3, deviation: 1.5 };
const protest = { name: "protest-events-30d", mean: 20, deviation: 9 };

/** Version 1: conflict, cyber and currency only. Base rate 0.2. */
const first: LogisticModel = {
  kind: "logistic",
  horizonDays: 30,
  intercept: -1.39,
  features: [
    { ...conflict, weight: 0.8 },
    { ...cyber, weight: 0.45 },
    { ...currency, weight: 0.35 },
  ],
};

/** Version 2: all five domains of signals. */
const second: LogisticModel = {
  kind: "logistic",
  horizonDays: 30,
  intercept: -1.39,
  features: [
    { ...conflict, weight: 0.7 },
    { ...cyber, weight: 0.4 },
    { ...currency, weight: 0.3 },
    { ...hazard, weight: 0.35 },
    { ...outages, weight: 0.25 },
    { ...protest, weight: 0.5 },
  ],
};

/** By number, from 1. */
export const countryRiskVersions = { first, second } as const;
