/** What a region took in, and how it is doing. */
import { parseFirst } from "../../shared/page.ts";
import type {
  IngestOutcome,
  IngestTallyResolvers,
  QuarantinedSignalResolvers,
  RegionIngestionResolvers,
} from "../generated/resolvers.ts";

export const RegionIngestion: RegionIngestionResolvers = {
  tallies: async ({ parent }, _args, { loaders }) => [...(await loaders.ingestTalliesOfRegion.load(parent))],
  quarantinedSignals: async ({ parent }, { first }, { loaders }) => [
    ...(await loaders.quarantinedSignalsOfRegion.load(parent, parseFirst(first ?? 20, 100))),
  ],
  // The log and the clock of this process tell nothing of another region.
  lag: async ({ parent }, _args, { ingestion, region }) => (parent === region ? ingestion.listLag() : null),
  delay: ({ parent }, _args, { ingestion, region }) => (parent === region ? ingestion.delay() : null),
};

export const IngestTally: IngestTallyResolvers = {
  source: ({ sourceCode }) => toNullable(sourceCode),
  // Written by this subgraph alone, in lower case.
  outcome: ({ outcome }) => outcome.toUpperCase() as IngestOutcome,
  reason: ({ reason }) => toNullable(reason),
  count: ({ count }) => Number(count),
};

export const QuarantinedSignal: QuarantinedSignalResolvers = {
  source: ({ sourceCode }) => sourceCode,
};

function toNullable(text: string): string | null {
  return text === "" ? null : text;
}
