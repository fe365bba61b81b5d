/** Fetches what a region lacks from every peer that takes part, and puts that on record. */
import pg from "pg";
import { naturalId } from "../../subgraphs/shared/ids.ts";
import type { RunningRegion } from "./connectRegions.ts";
import { receiverRole } from "./member.ts";
import { repairFrom } from "./repair.ts";
import { whyRepair } from "./whyRepair.ts";

export type RegionRepair = {
  readonly cause: string;
  /** By peer: changes fetched, or why that peer could not be asked. */
  readonly peers: Readonly<Record<string, number | string>>;
  /** False when a peer that takes part could not be asked: it will be tried again. */
  readonly isWhole: boolean;
};

/** Null when there was no cause. Rejects when the region's own database does not answer. */
export async function repairWhenNeeded(
  region: RunningRegion,
  others: readonly RunningRegion[],
): Promise<RegionRepair | null> {
  const evidence = await findEvidence(region);
  const cause = evidence && whyRepair(evidence);
  if (!cause) return null;
  const isOut = (code: string) => evidence.regions.some((one) => one.code === code && one.status === "DOWN");
  return repairRegion(
    region,
    others.filter(({ member }) => !isOut(member.region)),
    cause,
  );
}

export async function repairRegion(
  region: RunningRegion,
  peers: readonly RunningRegion[],
  cause: string,
): Promise<RegionRepair> {
  const fetched: Record<string, number | string> = {};
  for (const peer of peers) fetched[peer.member.region] = await repairFromPeer(region, peer);
  const isWhole = Object.values(fetched).every((one) => typeof one === "number");
  if (isWhole) await record(region, cause, Object.values(fetched).map(Number));
  return { cause, peers: fetched, isWhole };
}

async function repairFromPeer(region: RunningRegion, peer: RunningRegion): Promise<number | string> {
  const { host, port, database, password } = peer.address;
  const user = receiverRole(region.member.region);
  const reader = new pg.Client({ host, port, database, password, user, connectionTimeoutMillis: 5_000 });
  reader.on("error", () => undefined);
  try {
    await reader.connect();
    return (await region.asAdmin((own) => repairFrom(own, reader))).fetched;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await reader.end().catch(() => undefined);
  }
}

async function record(
  { member, asAdmin }: RunningRegion,
  cause: string,
  fetched: readonly number[],
): Promise<void> {
  const sum = fetched.reduce((all, one) => all + one, 0);
  await asAdmin((client) =>
    client.query(
      `INSERT INTO regions.region_repair (id, region_code, cause, fetched, repaired_at)
       VALUES ($1, $2, $3, $4, replication.now())
       ON CONFLICT (id) DO UPDATE SET cause = excluded.cause, fetched = excluded.fetched, repaired_at = excluded.repaired_at`,
      [naturalId("public", "region-repair", member.region), member.region, cause, sum],
    ),
  );
}

async function findEvidence({ member, asAdmin }: RunningRegion) {
  return asAdmin(async (client) => {
    const [self, regions, repairs] = [
      await client.query<{ joined_at: Date; now: Date }>(
        "SELECT joined_at, replication.now() FROM replication.self",
      ),
      await client.query<{ code: string; status: string; since: Date | null }>(
        "SELECT code, status, since FROM regions.region ORDER BY position",
      ),
      await client.query<{ repaired_at: Date }>(
        "SELECT repaired_at FROM regions.region_repair WHERE region_code = $1",
        [member.region],
      ),
    ];
    const [row] = self.rows;
    if (row === undefined) return null;
    return {
      region: member.region,
      regions: regions.rows,
      repairedAt: repairs.rows[0]?.repaired_at,
      joinedAt: row.joined_at,
      now: row.now,
    };
  });
}
