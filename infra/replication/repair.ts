/**
 * Anti-entropy: compares what a region has with what a peer may give it, by (origin, seq), and fetches what is missing.
 * Replication alone leaves holes: with `origin = none` survivors do not pass on what a lost region wrote last, and a
 * rebuilt region's own old rows are in nobody's publication. Run on loss, on return, and nightly.
 */
import type { ClientBase } from "pg";

export type Repaired = { readonly compared: number; readonly fetched: number };

/**
 * `own` is the region's superuser; `peer` is connected as the region's role there, so that the peer's policies bound
 * what it can ask for. Safe at any time and again.
 */
export async function repairFrom(own: ClientBase, peer: ClientBase): Promise<Repaired> {
  const [theirs, ours] = [await loadDigests(peer), await loadDigests(own)];
  let fetched = 0;
  for (const [name, digest] of theirs) {
    if (ours.get(name)?.sum === digest.sum && ours.get(name)?.count === digest.count) continue;
    fetched += await fetchMissing(own, peer, digest);
  }
  return { compared: theirs.size, fetched };
}

/** What one origin wrote of one residency in one hour. */
type Bucket = { readonly origin: string; readonly residency: string; readonly hour: string };
type Digest = Bucket & { readonly count: string; readonly sum: string };

/** Hours are compared as text so that both sides mean the same moment. */
async function loadDigests(client: ClientBase): Promise<ReadonlyMap<string, Digest>> {
  const { rows } = await client.query<Digest>(`
    SELECT origin, residency, to_char(date_trunc('hour', at AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:00:00"Z"') AS hour,
      count(*) AS count, bit_xor(hashint8extended(seq, 0)) AS sum
    FROM replication.change GROUP BY 1, 2, 3 ORDER BY 1, 3, 2`);
  return new Map(rows.map((row) => [[row.origin, row.residency, row.hour].join(" "), row]));
}

const inBucket =
  "origin = $1 AND residency = $2 AND at >= $3::timestamptz AND at < $3::timestamptz + interval '1 hour'";

async function fetchMissing(own: ClientBase, peer: ClientBase, bucket: Bucket): Promise<number> {
  const values = [bucket.origin, bucket.residency, bucket.hour];
  const list = `SELECT seq FROM replication.change WHERE ${inBucket} ORDER BY seq`;
  const [theirs, ours] = [
    await peer.query<{ seq: string }>(list, values),
    await own.query<{ seq: string }>(list, values),
  ];
  const known = new Set(ours.rows.map(({ seq }) => seq));
  const missing = theirs.rows.map(({ seq }) => seq).filter((seq) => !known.has(seq));
  for (let from = 0; from < missing.length; from += batchSize) {
    // As text all the way: a stamp has more digits than a number of JavaScript.
    const { rows } = await peer.query<{ change: string }>(
      `SELECT to_jsonb(c)::text AS change FROM replication.change c WHERE ${inBucket} AND seq = ANY ($4) ORDER BY seq`,
      [...values, missing.slice(from, from + batchSize)],
    );
    await insertChanges(
      own,
      rows.map(({ change }) => change),
    );
  }
  return missing.length;
}

const batchSize = 1_000;

/** In the mode in which the apply trigger fires and capture does not, as in an apply worker. */
async function insertChanges(own: ClientBase, changes: readonly string[]): Promise<void> {
  await own.query("BEGIN");
  try {
    await own.query("SET LOCAL session_replication_role = replica");
    await own.query("SET LOCAL synchronous_commit = local");
    await own.query(
      `INSERT INTO replication.change
       SELECT c.* FROM unnest($1::jsonb[]) WITH ORDINALITY AS sent (change, position),
         jsonb_populate_record(NULL::replication.change, sent.change) c
       ORDER BY position ON CONFLICT DO NOTHING`,
      [changes],
    );
    await own.query("COMMIT");
  } catch (error) {
    await own.query("ROLLBACK");
    throw error;
  }
}
