/**
 * Compares what this region publishes with what was generated. A publication too many, an unfiltered table or a filter
 * of another text could send a row to where it must not be, so a region does not serve until it is mended.
 */
import type { ClientBase } from "pg";
import { publishedChanges, publishedHeartbeats } from "./filter.ts";
import { type Member, publicationName, receiverRole } from "./member.ts";
import { loadOrigin } from "./publishTo.ts";

export class WrongPublication extends Error {
  override readonly name = "WrongPublication";

  constructor(readonly faults: readonly string[]) {
    super(`What this region publishes is not what was generated:\n  ${faults.join("\n  ")}`);
  }
}

/** Throws a WrongPublication that names every fault. `others` are all that receive from this one, its standby among them. */
export async function assertPublications(client: ClientBase, others: readonly Member[]): Promise<void> {
  const faults = await findFaults(client, others);
  if (faults.length > 0) throw new WrongPublication(faults);
}

type Published = { readonly pubname: string; readonly tablename: string; readonly rowfilter: string | null };

async function findFaults(client: ClientBase, others: readonly Member[]): Promise<string[]> {
  const origin = await loadOrigin(client);
  const { rows } = await client.query<Published>(
    "SELECT pubname, schemaname || '.' || tablename AS tablename, rowfilter FROM pg_publication_tables ORDER BY 1, 2",
  );
  const expected = new Map<string, string | null>(
    others.flatMap((to): [string, string | null][] => [
      [`${publicationName(to.region)} replication.change`, publishedChanges(origin, to)],
      [`${publicationName(to.region)} replication.heartbeat`, publishedHeartbeats(origin)],
    ]),
  );
  const found = new Map(rows.map((row) => [`${row.pubname} ${row.tablename}`, row.rowfilter]));
  const names = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return [
    ...names
      .filter((name) => expected.get(name) !== found.get(name) || expected.has(name) !== found.has(name))
      .map((name) => `${name}: expected ${say(expected, name)}; got ${say(found, name)}`),
    ...(await findOtherKinds(client)),
    ...(await findMakers(client, others)),
  ];
}

function say(filters: ReadonlyMap<string, string | null>, name: string): string {
  return filters.has(name) ? (filters.get(name) ?? "every row") : "nothing";
}

async function findOtherKinds(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ pubname: string }>(
    "SELECT pubname FROM pg_publication WHERE puballtables OR pubupdate OR pubdelete OR pubtruncate OR NOT pubviaroot ORDER BY 1",
  );
  return rows.map(
    ({ pubname }) =>
      `${pubname}: expected to publish inserts of named tables, by their root; it publishes more`,
  );
}

/** Who may create in the database may make a publication of their own. */
async function findMakers(client: ClientBase, others: readonly Member[]): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>(
    "SELECT rolname FROM pg_roles WHERE rolname = ANY ($1) AND (rolsuper OR rolbypassrls OR has_database_privilege(rolname, current_database(), 'CREATE'))",
    [others.map(({ region }) => receiverRole(region))],
  );
  return rows.map(
    ({ rolname }) =>
      `${rolname}: expected a role that only reads; it may create publications or see past the policies`,
  );
}
