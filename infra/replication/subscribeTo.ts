/** Receives the changes of one other region. */
import type { ClientBase } from "pg";
import { type Member, publicationName, receiverRole, subscriptionName } from "./member.ts";

export type Address = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly password: string;
};

/**
 * Copies what `from` wrote in this life of its disk, then follows. Both go through the apply trigger, so the order in
 * which rows come does not matter.
 * - `origin = none`: what others wrote does not come by way of `from`; each sends its own. A standby has nobody but its
 *   region, and takes all from it.
 * - `synchronous_commit = local`: a change is flushed here before it is confirmed. `off`, the default, confirms with the
 *   next round (200 ms later); `on` would wait for our own synchronous peers, which wait for us: a deadlock of all regions.
 * - `disable_on_error = false`: what fails for the moment is tried again; what fails for good is set aside by the trigger.
 */
export async function subscribeTo(client: ClientBase, from: string, to: Member, at: Address): Promise<void> {
  const name = subscriptionName(from, to.region);
  await client.query(
    `CREATE SUBSCRIPTION ${name} CONNECTION ${client.escapeLiteral(toConninfo(at, receiverRole(to.region)))}
     PUBLICATION ${publicationName(to.region)} WITH (origin = ${to.standbyOf === undefined ? "none" : "any"}, copy_data = true, synchronous_commit = local,
       streaming = parallel, disable_on_error = false, failover = true)`,
  );
}

/** The peer listens elsewhere by now, or has another password. */
export async function redirectSubscription(
  client: ClientBase,
  from: string,
  to: string,
  at: Address,
): Promise<void> {
  const conninfo = client.escapeLiteral(toConninfo(at, receiverRole(to)));
  await client.query(`ALTER SUBSCRIPTION ${subscriptionName(from, to)} CONNECTION ${conninfo}`);
}

/** Leaves the slot alone: the sender's disk is gone, or its slot is dropped there. */
export async function dropSubscription(client: ClientBase, from: string, to: string): Promise<void> {
  const name = subscriptionName(from, to);
  const { rowCount } = await client.query("SELECT FROM pg_subscription WHERE subname = $1", [name]);
  if (rowCount === 0) return;
  await client.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
  await client.query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
  await client.query(`DROP SUBSCRIPTION ${name}`);
}

/** At the sender: forgets a receiver whose disk is gone, whose slot would keep the log for ever. */
export async function dropSlot(client: ClientBase, from: string, to: string): Promise<void> {
  await client.query(
    "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active",
    [subscriptionName(from, to)],
  );
  await client.query(
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active",
    [subscriptionName(from, to)],
  );
}

/** Keepalives: a peer that is cut off says nothing, and its worker would wait for ever. */
function toConninfo({ host, port, database, password }: Address, user: string): string {
  const quoted = password.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  return `host=${host} port=${port} dbname=${database} user=${user} password='${quoted}' connect_timeout=5 keepalives_idle=10 keepalives_interval=5 keepalives_count=3`;
}
