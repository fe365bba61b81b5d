/**
 * A region that was alone may hold rows that belong elsewhere now. They are in its log and so on their way; when the
 * regions that may hold them have every one, they go from here: the row, its head and its versions.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { RunningRegion } from "./connectRegions.ts";

type Foreign = { readonly origin: string; readonly residency: string; readonly changes: string };

const handOverMs = 120_000;

/** Answers how many rows went. Throws when nobody may hold them, and leaves them where they are. */
export async function handOver(region: RunningRegion, others: readonly RunningRegion[]): Promise<number> {
  const foreign = await findForeign(region);
  if (foreign.length === 0) return 0;
  for (const lot of foreign) await untilReceived(lot, region, others);
  const { rows } = await region.asAdmin((client) =>
    client.query<{ gone: string }>("SELECT replication.let_go() AS gone"),
  );
  return Number(rows[0]?.gone ?? 0);
}

async function findForeign({ asAdmin }: RunningRegion): Promise<readonly Foreign[]> {
  const { rows } = await asAdmin((client) =>
    client.query<Foreign>(
      `SELECT c.origin, c.residency, count(*) AS changes FROM replication.change c, replication.self me
       WHERE c.residency <> ALL (me.holds || 'here'::text) AND me.region <> ALL (c.share) GROUP BY 1, 2`,
    ),
  );
  return rows;
}

async function untilReceived(
  { origin, residency, changes }: Foreign,
  region: RunningRegion,
  others: readonly RunningRegion[],
): Promise<void> {
  const holders = others.filter(({ member }) => member.holds.includes(residency));
  if (holders.length === 0)
    throw new Error(`${region.member.region} has rows of ${residency}, which no other region may hold`);
  for (const holder of holders) {
    for (const deadline = Date.now() + handOverMs; ; await delay(200)) {
      const { rows } = await holder.asAdmin((client) =>
        client.query<{ changes: string }>(
          "SELECT count(*) AS changes FROM replication.change WHERE origin = $1 AND residency = $2",
          [origin, residency],
        ),
      );
      if (Number(rows[0]?.changes) >= Number(changes)) break;
      if (Date.now() > deadline)
        throw new Error(
          `${holder.member.region} did not receive the rows of ${residency} within ${handOverMs / 1_000} s`,
        );
    }
  }
}
