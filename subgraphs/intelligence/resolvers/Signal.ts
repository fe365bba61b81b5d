/** Signals, who reports them, and what importing them came to. */
import { getRow } from "../../shared/getRow.ts";
import { getUuid, toGlobalId, toResidencyName } from "../../shared/ids.ts";
import { parseFirst } from "../../shared/page.ts";
import type {
  ImportRunResolvers,
  SignalConnectionResolvers,
  SignalResolvers,
  SourceResolvers,
} from "../generated/resolvers.ts";
import type { SignalMapper } from "../mappers.ts";

/** What lists of signals are ordered by. */
export const signalKey = ({ observedAt, id }: SignalMapper): readonly string[] => [
  observedAt.toISOString(),
  id,
];

export const Signal: SignalResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.signal.load(getUuid(id, "Signal")),
  id: ({ residency, id }) => toGlobalId(residency, "Signal", id),
  residency: ({ residency }) => toResidencyName(residency),
  source: ({ sourceCode }, _args, { loaders }) => getRow(loaders.sourceByCode, sourceCode),
  country: ({ countryCode }) => (countryCode === null ? null : { code: countryCode }),
  entities: async ({ id }, _args, { loaders }) => [...(await loaders.entitiesOfSignal.load(id))],
};

export const SignalConnection: SignalConnectionResolvers = {
  edges: ({ edges }) => [...edges],
  totalCount: ({ totalCount }) => totalCount(),
};

export const Source: SourceResolvers = {
  __resolveReference: (reference, { loaders }) =>
    "code" in reference
      ? loaders.sourceByCode.load(reference.code)
      : loaders.sourceById.load(getUuid(reference.id, "Source")),
  id: ({ id }) => toGlobalId("global", "Source", id),
  signalCount: async ({ code }, _args, { loaders }) =>
    (await loaders.signalCountOfSource.load(code))?.count ?? 0,
  lastImport: ({ code }, _args, { loaders }) => loaders.lastImportOfSource.load(code),
  connectors: async ({ code }, _args, { loaders }) => [...(await loaders.connectorsOfSource.load(code))],
};

export const ImportRun: ImportRunResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.importRun.load(getUuid(id, "ImportRun")),
  id: ({ id }) => toGlobalId("global", "ImportRun", id),
  source: ({ sourceCode }, _args, { loaders }) => getRow(loaders.sourceByCode, sourceCode),
  quarantine: async ({ id }, { first }, { loaders }) => [
    ...(await loaders.quarantineOfImportRun.load(id, parseFirst(first ?? 20, 100))),
  ],
};
