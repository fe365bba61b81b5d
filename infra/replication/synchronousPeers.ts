/** Whose confirmation a commit waits for, where it waits at all. */
import type { ClientBase } from "pg";
import { subscriptionName } from "./member.ts";

export type Peers = {
  /** Other regions; any one of them is enough. */
  readonly others: readonly string[];
  /** The standby inside the jurisdiction; it always counts, since of resident data there is no other copy. */
  readonly standby?: string;
};

/** Takes effect at once, also for commits that are waiting; no peers lets those go. */
export async function setSynchronousPeers(
  client: ClientBase,
  region: string,
  { others, standby }: Peers,
): Promise<void> {
  const names = [...(standby === undefined ? [] : [standby]), ...others].map((to) =>
    subscriptionName(region, to),
  );
  const list = names.join(", ");
  // FIRST waits for those that come first in the list and are there. Without the standby two regions would stand in for
  // it, although they get no resident rows: replication.assert_resident_standby() refuses those before.
  const awaited = names.length === 0 ? "" : standby === undefined ? `ANY 1 (${list})` : `FIRST 2 (${list})`;
  await client.query(`ALTER SYSTEM SET synchronous_standby_names = '${awaited}'`);
  await client.query("UPDATE replication.self SET resident_standby = $1", [
    standby === undefined ? null : subscriptionName(region, standby),
  ]);
  await client.query("SELECT pg_reload_conf()");
}
