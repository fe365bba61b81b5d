/** Makes a migrated database one of the regions. What it holds already is written into its log, and so reaches the others. */
import type { ClientBase } from "pg";
import type { Member } from "./member.ts";
import { admitReader, publishTo } from "./publishTo.ts";

/**
 * `incarnation` is the second in which the life of this disk began: no counter, since a region that lost its disk has
 * lost the counter too, and whom it could ask may be cut off. Does nothing to a database that has joined before.
 */
export async function joinRegion(
  client: ClientBase,
  member: Member,
  others: readonly Member[],
  {
    password,
    incarnation = Math.floor(Date.now() / 1_000),
  }: { readonly password: string; readonly incarnation?: number },
): Promise<void> {
  if (!(await hasJoined(client))) {
    await client.query("SELECT replication.join($1, $2, $3)", [member.region, incarnation, member.holds]);
  } else {
    await client.query("SELECT replication.capture_added_tables()");
  }
  await client.query(
    "UPDATE replication.self SET standby_of = $1, schema_version = (SELECT count(*) FROM public.atlas_migrations)",
    [member.standbyOf ?? null],
  );
  await keepCommitsLocal(client);
  for (const other of others) {
    // A standby publishes nothing; its region reads from it when its own disk is lost.
    if (member.standbyOf === undefined) await publishTo(client, other, password);
    else await admitReader(client, { ...other, holds: [...other.holds, "here"] }, password);
  }
}

export async function hasJoined(client: ClientBase): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM replication.self");
  return rowCount !== 0;
}

/** Commits wait for other regions only where replication.wait_for_peers() asks for it. */
async function keepCommitsLocal(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>("SELECT quote_ident(current_database()) AS name");
  await client.query(`ALTER DATABASE ${rows[0]?.name} SET synchronous_commit = local`);
}
