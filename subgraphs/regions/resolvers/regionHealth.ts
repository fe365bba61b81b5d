/** How regions are doing and what operators told them, where the row alone does not answer. */
import { getRow } from "../../shared/getRow.ts";
import { toGlobalId } from "../../shared/ids.ts";
import { judgeRecoveryPoint } from "../domain/failover/judgeRecoveryPoint.ts";
import { findPrimary } from "../domain/failover/primaryLease.ts";
import type {
  RegionOrderResolvers,
  RegionResolvers,
  RegionSightingResolvers,
} from "../generated/resolvers.ts";
import type { Loaders } from "../loaders.ts";

export const regionHealth: Pick<
  RegionResolvers,
  "role" | "sightings" | "lastProbe" | "lastOrder" | "lastRepair" | "rpo" | "replicationSlots"
> = {
  // Where regions have joined, whoever holds the lease; a region that is alone is what it was set up as.
  role: async ({ code, role }, _args, { loaders }) => {
    const view = await loaders.failoverView.load("now");
    if (view === null) return role === "PRIMARY" ? role : "ACTIVE";
    const primary = findPrimary({ ...view, regions: view.regions.map((one) => one.code) });
    return primary?.region === code ? "PRIMARY" : "ACTIVE";
  },
  sightings: async ({ code }, _args, { loaders }) => [...(await loaders.sightingsOf.load(code))],
  lastProbe: async ({ code }, _args, { loaders }) => (await loaders.sightingsOf.load(code))[0] ?? null,
  lastOrder: ({ code }, _args, { loaders }) => loaders.newestOrderOf.load(code),
  lastRepair: ({ code }, _args, { loaders }) => loaders.repairOf.load(code),
  rpo: async ({ code }, _args, { loaders, region }) =>
    code === region ? judgeRecoveryPoint(await loaders.recoveryPoint.load("now")) : null,
  replicationSlots: async ({ code }, _args, { db, region }) =>
    code === region ? db.findReplicationSlots() : null,
};

export const RegionSighting: RegionSightingResolvers = {
  witness: ({ witnessCode }, _args, { loaders }) => getRegion(loaders, witnessCode),
};

export const RegionOrder: RegionOrderResolvers = {
  id: ({ id }) => toGlobalId("global", "RegionOrder", id),
  region: ({ regionCode }, _args, { loaders }) => getRegion(loaders, regionCode),
  isObeyed: async ({ id, regionCode }, _args, { loaders }) =>
    (await getRegion(loaders, regionCode)).orderId === id,
};

function getRegion(loaders: Loaders, code: string) {
  return getRow(loaders.regionByCode, code);
}
