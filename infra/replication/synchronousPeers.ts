/** Whose confirmation a commit waits for, where it waits at all. */
import type { ClientBase } from "pg";
import { subscriptionName } from "./member.ts";

/**
 * Any one of the other regions. They name themselves by their subscription. Takes effect at once, also for commits
 * that are waiting; an empty list lets those go.
 */
export async function setSynchronousPeers(
  client: ClientBase,
  region: string,
  others: readonly string[],
): Promise<void> {
  const names = others.map((other) => subscriptionName(region, other)).join(", ");
  await client.query(
    `ALTER SYSTEM SET synchronous_standby_names = '${others.length === 0 ? "" : `ANY 1 (${names})`}'`,
  );
  await client.query("SELECT pg_reload_conf()");
}
