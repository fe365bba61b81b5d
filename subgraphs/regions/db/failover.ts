/** What regions tell each other about themselves; db.ts hands out these queries. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";
import { naturalId, newId } from "../../shared/ids.ts";
import type { Sighting } from "../domain/failover/countProbe.ts";
import type { Judgement, OrderKind } from "../domain/failover/judgeRegion.ts";
import type { Claim, Vote } from "../domain/failover/primaryLease.ts";

/** All that a region needs to know to vote, to claim and to judge, as of one moment. Null where it is alone. */
const failoverView = z
  .object({
    me: z.string(),
    joinedAt: z.coerce.date(),
    now: z.coerce.date(),
    regions: z.array(
      z.object({
        code: z.string(),
        status: z.enum(["SERVING", "DRAINING", "DOWN", "RETURNING"]),
        since: z.coerce.date().nullable(),
        isHeld: z.boolean(),
        orderId: z.uuid().nullable(),
      }),
    ),
    claims: z.array(
      z.object({
        region: z.string(),
        term: z.number(),
        claimedAt: z.coerce.date(),
        heldUntil: z.coerce.date(),
        isReleased: z.boolean(),
      }),
    ),
    votes: z.array(
      z.object({
        voter: z.string(),
        term: z.number(),
        votedFor: z.string(),
        claimedAt: z.coerce.date(),
        heldUntil: z.coerce.date(),
        promisedUntil: z.coerce.date(),
      }),
    ),
    sightings: z.array(
      z.object({
        witness: z.string(),
        target: z.string(),
        misses: z.number(),
        goods: z.number(),
        latencyMs: z.number().nullable(),
        failure: z.string().nullable(),
        probedAt: z.coerce.date(),
      }),
    ),
    orders: z.array(
      z.object({
        region: z.string(),
        id: z.uuid(),
        kind: z.enum(["DRAIN", "FAIL_OVER", "REJOIN"]),
        reason: z.string(),
      }),
    ),
    repairs: z.array(z.object({ region: z.string(), repairedAt: z.coerce.date() })),
    links: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        lagMs: z.number(),
        heardAt: z.coerce.date(),
        measuredAt: z.coerce.date(),
      }),
    ),
  })
  .nullable();

export type FailoverView = NonNullable<z.infer<typeof failoverView>>;

/** Null where the region is alone. */
export type RecoveryPoint = z.infer<typeof recoveryPoints>[number] | null;

const recoveryPoints = z.array(
  z.object({
    region: z.string(),
    hasPeer: z.boolean(),
    hasStandby: z.boolean(),
    waived: z.array(z.enum(["GLOBAL", "RESIDENT"])),
  }),
);

export type NewOrder = {
  readonly region: string;
  readonly kind: OrderKind;
  readonly reason: string;
  readonly orderedBy: string;
};

export function createFailoverQueries(prisma: Prisma.TransactionClient) {
  return {
    findFailoverView: async (): Promise<FailoverView | null> => {
      // One statement: every region asks it every second.
      const [row] = await prisma.$queryRaw<{ view: unknown }[]>`
        SELECT jsonb_build_object(
          'me', me.region, 'joinedAt', me.joined_at, 'now', replication.now(),
          'regions', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'status', status, 'since', since,
            'isHeld', is_held, 'orderId', order_id) ORDER BY position), '[]') FROM regions.region),
          'claims', (SELECT coalesce(jsonb_agg(jsonb_build_object('region', region_code, 'term', term, 'claimedAt', claimed_at,
            'heldUntil', held_until, 'isReleased', is_released)), '[]') FROM regions.primary_claim),
          'votes', (SELECT coalesce(jsonb_agg(jsonb_build_object('voter', voter_code, 'term', term, 'votedFor', voted_for,
            'claimedAt', claimed_at, 'heldUntil', held_until, 'promisedUntil', promised_until)), '[]') FROM regions.primary_vote),
          'sightings', (SELECT coalesce(jsonb_agg(jsonb_build_object('witness', witness_code, 'target', target_code,
            'misses', misses, 'goods', goods, 'latencyMs', latency_ms, 'failure', failure, 'probedAt', probed_at)), '[]')
            FROM regions.region_probe),
          'orders', (SELECT coalesce(jsonb_agg(jsonb_build_object('region', newest.region_code, 'id', newest.id,
            'kind', newest.kind, 'reason', newest.reason)), '[]')
            FROM (SELECT DISTINCT ON (region_code) * FROM regions.region_order ORDER BY region_code, id DESC) newest),
          'repairs', (SELECT coalesce(jsonb_agg(jsonb_build_object('region', region_code, 'repairedAt', repaired_at)), '[]')
            FROM regions.region_repair),
          'links', (SELECT coalesce(jsonb_agg(jsonb_build_object('from', from_region, 'to', to_region, 'lagMs', lag_ms,
            'heardAt', heard_at, 'measuredAt', measured_at)), '[]') FROM replication.links())
        ) AS view FROM replication.self me`;
      return failoverView.parse(row?.view ?? null);
    },
    findSightings: (targets: readonly string[]) =>
      prisma.regionProbe.findMany({
        where: { targetCode: { in: [...targets] } },
        orderBy: [{ probedAt: "desc" }, { witnessCode: "asc" }],
      }),
    writeSighting: async ({ witness, target, ...seen }: Sighting): Promise<void> => {
      const id = naturalId("public", "region-probe", witness, target);
      await prisma.regionProbe.upsert({
        where: { id },
        create: { id, witnessCode: witness, targetCode: target, ...seen },
        update: seen,
      });
    },
    writeClaim: async ({ region, ...claimed }: Claim): Promise<void> => {
      const id = naturalId("public", "primary-claim", region);
      await prisma.primaryClaim.upsert({
        where: { id },
        create: { id, regionCode: region, ...claimed },
        update: claimed,
      });
    },
    writeVote: async ({ voter, ...vote }: Vote): Promise<void> => {
      const id = naturalId("public", "primary-vote", voter);
      await prisma.primaryVote.upsert({
        where: { id },
        create: { id, voterCode: voter, ...vote },
        update: vote,
      });
    },
    insertOrder: async ({ region, ...order }: NewOrder): Promise<string> => {
      const id = newId();
      const [row] = clocks.parse(await prisma.$queryRaw`SELECT replication.now() AS now`);
      await prisma.regionOrder.create({
        data: { id, regionCode: region, orderedAt: row?.now ?? new Date(), ...order },
      });
      return id;
    },
    findNewestOrders: (regions: readonly string[]) =>
      prisma.regionOrder.findMany({
        where: { regionCode: { in: [...regions] } },
        orderBy: [{ regionCode: "asc" }, { id: "desc" }],
        distinct: ["regionCode"],
      }),
    findRepairs: (regions: readonly string[]) =>
      prisma.regionRepair.findMany({ where: { regionCode: { in: [...regions] } } }),
    /** Of this region, which is the only one that can tell. */
    findRecoveryPoint: async (): Promise<RecoveryPoint> => {
      const [row] = recoveryPoints.parse(
        await prisma.$queryRaw`
          SELECT me.region,
            EXISTS (SELECT FROM replication.slots() WHERE sync_state IN ('sync', 'quorum')) AS "hasPeer",
            EXISTS (SELECT FROM replication.slots() WHERE sync_state IN ('sync', 'quorum') AND name = me.resident_standby) AS "hasStandby",
            ARRAY(SELECT class FROM replication.waiver WHERE region = me.region AND ended_at IS NULL) AS waived
          FROM replication.self me`,
      );
      return row ?? null;
    },
    findOrder: (id: string) => prisma.regionOrder.findUnique({ where: { id } }),
    /** Within a transaction. Fails where this region does not lead in `term` any more, or no other region is there to know of it. */
    lead: async (term: number): Promise<void> => {
      await prisma.$queryRaw`SELECT replication.wait_for_peers()::text, replication.assert_primary(${term}::bigint)::text`;
    },
    writeJudgement: async (
      region: string,
      term: number,
      { state, event }: Judgement,
      now: Date,
    ): Promise<void> => {
      await prisma.region.update({ where: { code: region }, data: { ...state, judgedTerm: term } });
      if (event === null) return;
      await prisma.failoverEvent.updateMany({
        where: { regionCode: region, endedAt: null },
        data: { endedAt: now },
      });
      await prisma.failoverEvent.create({
        data: {
          id: newId(),
          regionCode: region,
          ...event,
          startedAt: now,
          // To be back is a moment; to be out lasts.
          endedAt: event.kind === "REJOINED" ? now : null,
        },
      });
    },
  };
}

const clocks = z.array(z.object({ now: z.date() }));
