import { getUuid, parseGlobalId } from "../../shared/ids.ts";
import { parseFirst, parsePage, toConnection } from "../../shared/page.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";
import { nodeTypes } from "./Node.ts";

export const Query: QueryResolvers = {
  node: async (_root, { id }, { loaders }) => {
    const parsed = parseGlobalId(id);
    const typename = parsed && nodeTypes.get(parsed.type);
    if (!parsed || !typename) return null;
    if (typename === "Region") return loaders.regionById.load(parsed.uuid);
    if (typename === "Jurisdiction") return loaders.jurisdictionById.load(parsed.uuid);
    if (typename === "Country") return loaders.countryById.load(parsed.uuid);
    return { __typename: typename, id };
  },
  country: (_root, { code }, { loaders }) => loaders.countryByCode.load(code.toUpperCase()),
  countries: async (_root, args, { db }) => {
    const page = parsePage(args, { size: 50, sizeMax: 300, key: ["text"] });
    const jurisdiction = args.jurisdiction?.toUpperCase();
    const rows = await db.findCountries(page, jurisdiction);
    return toConnection(
      rows,
      page,
      ({ code }) => [code],
      () => db.countCountries(jurisdiction),
    );
  },
  regions: (_root, _args, { db }) => db.findRegions(),
  region: (_root, { code }, { loaders }) => loaders.regionByCode.load(code),
  jurisdictions: (_root, _args, { db }) => db.findJurisdictions(),
  jurisdiction: (_root, { code }, { loaders }) => loaders.jurisdictionByCode.load(code.toUpperCase()),
  me: (_root, _args, { db, caller }) =>
    caller.subject === null ? null : db.findAccount(caller.tenant, caller.subject),
  dataSubject: (_root, { id }, { loaders }) => loaders.visibleDataSubject.load(getUuid(id, "DataSubject")),
  dataSubjects: async (_root, args, { db, caller }) => {
    const page = parsePage(args, { size: 20, sizeMax: 100, key: ["moment", "uuid"] });
    const rows = await db.findDataSubjects(caller, page);
    return toConnection(
      rows,
      page,
      (row) => [row.createdAt.toISOString(), row.id],
      () => db.countDataSubjects(caller),
    );
  },
  quarantinedChanges: (_root, { first, replayed }, { db }) =>
    db.findQuarantined(parseFirst(first ?? 20, 100), replayed ?? false),
  replicationConflicts: (_root, { first }, { db }) => db.findConflicts(parseFirst(first ?? 20, 100)),
  durabilityWaivers: (_root, { first }, { db }) => db.findWaivers(parseFirst(first ?? 20, 100)),
  failoverEvents: (_root, { first }, { db }) => db.findFailoverEvents(parseFirst(first ?? 20, 100)),
};
