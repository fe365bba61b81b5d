/** Opens this region to one other: a role that sees what may leave for there, and a publication that sends it. */
import type { ClientBase } from "pg";
import { mayLeaveFor, publishedChanges, publishedHeartbeats } from "./filter.ts";
import { type Member, publicationName, receiverRole } from "./member.ts";

/** Creates what is missing and changes nothing that is there: a publication that differs is `assertPublications`' to report. */
export async function publishTo(client: ClientBase, to: Member, password: string): Promise<void> {
  await admitReader(client, to, password);
  const name = publicationName(to.region);
  const published = await client.query("SELECT FROM pg_publication WHERE pubname = $1", [name]);
  if (published.rowCount !== 0) return;
  const origin = await loadOrigin(client);
  const changes = publishedChanges(origin, to);
  await client.query(
    `CREATE PUBLICATION ${name} FOR TABLE replication.change ${changes === null ? "" : `WHERE ${changes}`},
       replication.heartbeat WHERE ${publishedHeartbeats(origin)}
     WITH (publish = 'insert', publish_via_partition_root = true)`,
  );
}

/** Lets a region read what may leave for it, for the first copy and for repair. */
export async function admitReader(client: ClientBase, to: Member, password: string): Promise<void> {
  const role = receiverRole(to.region);
  const known = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
  if (known.rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN REPLICATION`);
  await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`);
  await client.query(`GRANT USAGE ON SCHEMA replication TO ${role}`);
  await client.query(
    `GRANT SELECT ON replication.change, replication.heartbeat, replication.horizon TO ${role}`,
  );
  await client.query(`DROP POLICY IF EXISTS ${role} ON replication.change`);
  await client.query(
    `CREATE POLICY ${role} ON replication.change FOR SELECT TO ${role} USING (${mayLeaveFor(to)})`,
  );
}

/** Region and life, such as `us-east#1764000000`. Throws where the database has not joined. */
export async function loadOrigin(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ origin: string }>("SELECT origin FROM replication.self");
  if (rows[0] === undefined)
    throw new Error("expected a database that has joined the regions; this one is alone");
  return rows[0].origin;
}
