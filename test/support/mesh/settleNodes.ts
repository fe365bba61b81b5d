/** Waits for replication to be where it must be. */
import { setTimeout as delay } from "node:timers/promises";
import { subscriptionName } from "../../../infra/replication/member.ts";
import type { DatabaseNode } from "./startNode.ts";

/** The first copy of every subscription is done. */
export async function untilCopied(node: DatabaseNode): Promise<void> {
  await untilNone(
    () => node.query("SELECT srrelid::regclass AS left FROM pg_subscription_rel WHERE srsubstate <> 'r'"),
    Date.now() + 60_000,
    `${node.member.region} did not finish its first copy`,
  );
}

/** Every region's log position now must be confirmed by every receiver that is up, and what waited for its row be settled. */
export async function settleNodes(nodes: readonly DatabaseNode[], timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const up = nodes.filter((one) => one.isUp());
  for (const node of up) {
    const [position] = await node.query<{ lsn: string }>("SELECT pg_current_wal_lsn()::text AS lsn");
    await untilNone(
      () =>
        node.query(
          `SELECT slot_name AS left FROM pg_replication_slots
           WHERE slot_name = ANY ($2) AND (confirmed_flush_lsn IS NULL OR confirmed_flush_lsn < $1::pg_lsn)`,
          [position?.lsn, up.map(({ member }) => subscriptionName(node.member.region, member.region))],
        ),
      deadline,
      `not everything of ${node.member.region} was received`,
    );
  }
  for (const node of up) {
    await untilNone(
      () => node.query("SELECT origin || ' ' || seq AS left FROM replication.pending"),
      deadline,
      `${node.member.region} did not settle`,
    );
  }
}

async function untilNone(
  find: () => Promise<readonly { readonly left?: string }[]>,
  deadline: number,
  failure: string,
): Promise<void> {
  for (; ; await delay(100)) {
    const rows = await find();
    if (rows.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${failure} in time: ${rows.map(({ left }) => left).join(", ")}`);
  }
}
