/** What this subgraph adds to types of others, known here by their keys only. */
import { toConnection } from "../../shared/page.ts";
import type { CountryResolvers, RegionResolvers } from "../generated/resolvers.ts";
import { parseKeyedPage, parseSignalFilter } from "./parseArguments.ts";
import { signalKey } from "./Signal.ts";

export const Country: CountryResolvers = {
  __resolveReference: ({ code }) => ({ code }),
  risk: ({ code }, _args, { loaders }) => loaders.computedAssessmentOfCountry.load(code),
  signals: async ({ code }, args, { loaders }) => {
    const page = parseKeyedPage(args, "moment");
    const filter = parseSignalFilter(args.filter);
    const rows = await loaders.signalsOfCountry.load(code, { filter, page });
    const count = async () => (await loaders.signalCountOfCountry.load(code, filter)).at(0)?.count ?? 0;
    return toConnection(rows, page, signalKey, count);
  },
};

export const Region: RegionResolvers = {
  __resolveReference: ({ code }) => ({ code }),
  ingestion: ({ code }, _args, { loaders }) => loaders.ingestionOfRegion.load(code),
};
