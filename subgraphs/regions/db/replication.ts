/** What schema `replication` of the database tells this subgraph; db.ts hands out its queries. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";

const links = z.array(
  z.object({ from: z.string(), to: z.string(), lagMs: z.number(), heardAt: z.date(), measuredAt: z.date() }),
);
const slots = z.array(
  z.object({
    name: z.string(),
    active: z.boolean(),
    walStatus: z.string(),
    keptBytes: z.bigint().transform(Number),
    synchronous: z.boolean(),
  }),
);
const quarantined = z.array(
  z.object({
    id: z.uuid(),
    table: z.string(),
    rowId: z.uuid(),
    origin: z.string(),
    reason: z.enum(["ROW", "CLOCK", "RESIDENCY"]),
    message: z.string(),
    quarantinedAt: z.date(),
    replayedAt: z.date().nullable(),
  }),
);
const conflicts = z.array(
  z.object({
    id: z.uuid(),
    table: z.string(),
    rowId: z.uuid(),
    keptOrigin: z.string(),
    lostOrigin: z.string(),
    detectedAt: z.date(),
  }),
);
const waivers = z.array(
  z.object({
    id: z.uuid(),
    class: z.enum(["GLOBAL", "RESIDENT"]),
    reason: z.string(),
    startedAt: z.date(),
    endedAt: z.date().nullable(),
    signature: z.string(),
  }),
);

export type ReplicationSlot = z.infer<typeof slots>[number];
export type QuarantinedChange = z.infer<typeof quarantined>[number];
export type ReplicationConflict = z.infer<typeof conflicts>[number];
export type DurabilityWaiver = z.infer<typeof waivers>[number];

export function createReplicationQueries(prisma: Prisma.TransactionClient) {
  return {
    findMeasuredLinks: async () =>
      links.parse(
        await prisma.$queryRaw`
          SELECT from_region AS "from", to_region AS "to", lag_ms AS "lagMs", heard_at AS "heardAt", measured_at AS "measuredAt"
          FROM replication.links()`,
      ),
    findReplicationSlots: async () =>
      slots.parse(
        await prisma.$queryRaw`
          SELECT name, is_active AS active, coalesce(wal_status, 'lost') AS "walStatus", coalesce(kept_bytes, 0) AS "keptBytes",
            coalesce(sync_state IN ('sync', 'quorum'), false) AS synchronous
          FROM replication.slots()`,
      ),
    findQuarantined: async (take: number, isReplayedToo: boolean) =>
      quarantined.parse(
        await prisma.$queryRaw`
          SELECT id, tbl AS "table", pk AS "rowId", origin, reason, message, quarantined_at AS "quarantinedAt", replayed_at AS "replayedAt"
          FROM replication.quarantine WHERE ${isReplayedToo} OR replayed_at IS NULL ORDER BY quarantined_at DESC, id LIMIT ${take}`,
      ),
    findQuarantinedById: async (id: string): Promise<QuarantinedChange | undefined> =>
      quarantined.parse(
        await prisma.$queryRaw`
          SELECT id, tbl AS "table", pk AS "rowId", origin, reason, message, quarantined_at AS "quarantinedAt", replayed_at AS "replayedAt"
          FROM replication.quarantine WHERE id = ${id}::uuid`,
      )[0],
    /** Leaves the entry as it is when the change is refused again. */
    replayQuarantined: async (id: string): Promise<void> => {
      await prisma.$queryRaw`SELECT replication.replay(${id}::uuid)`;
    },
    findConflicts: async (take: number) =>
      conflicts.parse(
        await prisma.$queryRaw`
          SELECT id, tbl AS "table", pk AS "rowId", kept_origin AS "keptOrigin", lost_origin AS "lostOrigin", detected_at AS "detectedAt"
          FROM replication.conflict ORDER BY detected_at DESC, id LIMIT ${take}`,
      ),
    findWaivers: async (take: number) =>
      waivers.parse(
        await prisma.$queryRaw`
          SELECT id, class, reason, started_at AS "startedAt", ended_at AS "endedAt", signature
          FROM replication.waiver ORDER BY started_at DESC, id LIMIT ${take}`,
      ),
    beat: async (): Promise<boolean> => {
      await prisma.$queryRaw`SELECT replication.settle_pending()`;
      const [row] = beats.parse(await prisma.$queryRaw`SELECT replication.beat() AS beat`);
      return row?.beat === true;
    },
    /** Superseded versions and tombstones are kept for 90 days: who was away longer starts afresh. */
    maintainLog: async (): Promise<void> => {
      await prisma.$queryRaw`SELECT replication.keep_partitions()::text`;
      await prisma.$queryRaw`SELECT replication.compact(interval '90 days')`;
      await prisma.$queryRaw`SELECT replication.forget_versions(${rewrittenForEver}, interval '1 day')`;
    },
  };
}

/** Leases and probes: a row for each region, written again every few seconds. */
const rewrittenForEver = ["regions.region_probe", "regions.primary_claim", "regions.primary_vote"];

const beats = z.array(z.object({ beat: z.boolean() }));
