import { getRow } from "../../shared/getRow.ts";
import { parseFirst } from "../../shared/page.ts";
import type { IndicatorResolvers, ObservationResolvers } from "../generated/resolvers.ts";

export const Indicator: IndicatorResolvers = {
  __resolveReference: ({ code }, { loaders }) => loaders.indicator.load(code),
  source: ({ sourceCode }, _args, { loaders }) => getRow(loaders.sourceByCode, sourceCode),
  country: ({ countryCode }) => (countryCode === null ? null : { code: countryCode }),
  observations: async ({ code }, { first }, { loaders }) => [
    ...(await loaders.observationsOfIndicator.load(code, parseFirst(first ?? 20, 1_000))),
  ],
};

export const Observation: ObservationResolvers = {
  period: ({ period }) => period.toISOString().slice(0, 10),
};
