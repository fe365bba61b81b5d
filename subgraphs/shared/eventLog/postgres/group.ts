/** The statements by which the consumers of a group share partitions and keep their places. */
import type pg from "pg";
import type { PartitionLag, TopicPartitionOffset } from "../eventLog.ts";
import { EventLogError } from "../eventLogError.ts";

export type Member = {
  readonly groupId: string;
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
};

/** A partition that a member owns. `committed` is null when the group never committed there. */
export type Claim = {
  readonly topic: string;
  readonly partition: number;
  readonly generation: string;
  readonly committed: string | null;
  readonly low: string;
  readonly high: string;
};

/**
 * Says that the member lives, buries those that have been silent, and answers what the member owns now. A partition
 * changes hands only when its owner has let go of it here or is buried, so it never has two owners.
 */
export function share(pool: pg.Pool, member: Member): Promise<readonly Claim[]> {
  return inTransaction(pool, async (client) => {
    const { groupId, memberId, topics, sessionTimeoutMs } = member;
    await client.query("INSERT INTO event_log.consumer_group (group_id) VALUES ($1) ON CONFLICT DO NOTHING", [
      groupId,
    ]);
    // Everything below is done by one member at a time.
    await client.query("SELECT FROM event_log.consumer_group WHERE group_id = $1 FOR UPDATE", [groupId]);
    const buried = await client.query(
      `DELETE FROM event_log.member WHERE group_id = $1 AND member_id <> $2
         AND seen_at < clock_timestamp() - session_timeout_ms * interval '1 millisecond'`,
      [groupId, memberId],
    );
    const joined = await client.query<{ inserted: boolean }>(
      `INSERT INTO event_log.member (group_id, member_id, topics, session_timeout_ms) VALUES ($1, $2, $3, $4)
       ON CONFLICT (group_id, member_id) DO UPDATE SET seen_at = clock_timestamp() RETURNING xmax = 0 AS inserted`,
      [groupId, memberId, topics, sessionTimeoutMs],
    );
    if (buried.rowCount || joined.rows[0]?.inserted) await startGeneration(client, groupId);
    const wanted = await findShare(client, member);
    await client.query(
      `DELETE FROM event_log.claim c WHERE c.group_id = $1 AND c.member_id = $2
         AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::int[]) w (topic, partition)
                         WHERE w.topic = c.topic AND w.partition = c.partition)`,
      [groupId, memberId, ...wanted],
    );
    await client.query(
      `INSERT INTO event_log.claim (group_id, topic, partition, member_id, generation)
       SELECT $1, w.topic, w.partition, $2, g.generation
       FROM unnest($3::text[], $4::int[]) w (topic, partition), event_log.consumer_group g WHERE g.group_id = $1
       ON CONFLICT DO NOTHING`,
      [groupId, memberId, ...wanted],
    );
    return listClaims(client, member);
  });
}

/** Lets go of everything, so that the others need not wait for the session to time out. */
export function leave(pool: pg.Pool, { groupId, memberId }: Member): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query("SELECT FROM event_log.consumer_group WHERE group_id = $1 FOR UPDATE", [groupId]);
    await client.query("DELETE FROM event_log.member WHERE group_id = $1 AND member_id = $2", [
      groupId,
      memberId,
    ]);
    await startGeneration(client, groupId);
  });
}

export async function beat(pool: pg.Pool, { groupId, memberId }: Member): Promise<void> {
  await pool.query(
    "UPDATE event_log.member SET seen_at = clock_timestamp() WHERE group_id = $1 AND member_id = $2",
    [groupId, memberId],
  );
}

/** Rejects with ILLEGAL_GENERATION when the partition is no longer the member's. */
export async function commitOffset(
  pool: pg.Pool,
  { groupId, memberId }: Member,
  { topic, partition, offset }: TopicPartitionOffset,
  generation: string,
): Promise<void> {
  const { rowCount } = await pool.query(
    `INSERT INTO event_log.committed_offset (group_id, topic, partition, "offset")
     SELECT c.group_id, c.topic, c.partition, $5 FROM (
       SELECT * FROM event_log.claim
       WHERE group_id = $1 AND topic = $2 AND partition = $3 AND member_id = $4 AND generation = $6 FOR SHARE
     ) c
     ON CONFLICT (group_id, topic, partition)
       DO UPDATE SET "offset" = excluded."offset", committed_at = excluded.committed_at`,
    [groupId, topic, partition, memberId, offset, generation],
  );
  if (rowCount === 1) return;
  throw new EventLogError(
    "ILLEGAL_GENERATION",
    `expected the owner of ${topic}/${partition} in group ${groupId}; got a member whose claim of generation ${generation} has ended`,
  );
}

export async function listLag(
  pool: pg.Pool,
  groupId: string,
  topic: string,
): Promise<readonly PartitionLag[]> {
  const { rows } = await pool.query<PartitionLag>(
    `SELECT p.partition, c."offset"::text AS committed,
            (p.next_offset - greatest(coalesce(c."offset", p.first_offset), p.first_offset))::text AS lag
     FROM event_log.partition p
     LEFT JOIN event_log.committed_offset c
       ON c.group_id = $1 AND c.topic = p.topic AND c.partition = p.partition
     WHERE p.topic = $2 ORDER BY p.partition`,
    [groupId, topic],
  );
  return rows;
}

async function startGeneration(client: pg.PoolClient, groupId: string): Promise<void> {
  await client.query("UPDATE event_log.consumer_group SET generation = generation + 1 WHERE group_id = $1", [
    groupId,
  ]);
}

/** Partitions dealt round to the members in the order of their ids; each member comes to the same result by itself. */
async function findShare(
  client: pg.PoolClient,
  member: Member,
): Promise<[topics: string[], partitions: number[]]> {
  const { rows } = await client.query<{ topic: string; partition: number }>(
    `SELECT dealt.topic, dealt.partition FROM (
       SELECT p.topic, p.partition, p.partition % count(*) OVER same_partition AS turn,
              row_number() OVER (same_partition ORDER BY m.member_id) - 1 AS seat, m.member_id
       FROM event_log.partition p
       JOIN event_log.member m ON m.group_id = $1 AND p.topic = ANY (m.topics)
       WHERE p.topic = ANY ($3)
       WINDOW same_partition AS (PARTITION BY p.topic, p.partition)
     ) dealt
     WHERE dealt.turn = dealt.seat AND dealt.member_id = $2`,
    [member.groupId, member.memberId, member.topics],
  );
  return [rows.map(({ topic }) => topic), rows.map(({ partition }) => partition)];
}

async function listClaims(client: pg.PoolClient, { groupId, memberId }: Member): Promise<readonly Claim[]> {
  const { rows } = await client.query<Claim>(
    `SELECT c.topic, c.partition, c.generation::text, o."offset"::text AS committed,
            p.first_offset::text AS low, p.next_offset::text AS high
     FROM event_log.claim c
     JOIN event_log.partition p ON p.topic = c.topic AND p.partition = c.partition
     LEFT JOIN event_log.committed_offset o
       ON o.group_id = c.group_id AND o.topic = c.topic AND o.partition = c.partition
     WHERE c.group_id = $1 AND c.member_id = $2 ORDER BY c.topic, c.partition`,
    [groupId, memberId],
  );
  return rows;
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    // A connection in an unknown state is thrown away, and the transaction with it.
    client.release(true);
    throw error;
  }
}
