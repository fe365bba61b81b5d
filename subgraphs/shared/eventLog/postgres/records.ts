/** The statements on topics and records; each is one round trip. */
import type pg from "pg";
import type { LogRecord, PartitionOffsets, TopicOptions, TopicPartitionOffset } from "../eventLog.ts";
import { EventLogError } from "../eventLogError.ts";
import { partitionName } from "../partitionName.ts";

export type Positioned = {
  readonly partition: number;
  readonly sequence: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
};

export async function createTopic(pool: pg.Pool, topic: string, options: TopicOptions): Promise<void> {
  await pool.query(
    `WITH created AS (
       INSERT INTO event_log.topic (name, partitions, retention_ms) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING RETURNING name, partitions
     )
     INSERT INTO event_log.partition (topic, partition)
     SELECT name, generate_series(0, partitions - 1) FROM created`,
    [topic, options.numPartitions, options.retentionMs ?? null],
  );
}

export async function listOffsets(pool: pg.Pool, topic: string): Promise<readonly PartitionOffsets[]> {
  const { rows } = await pool.query<PartitionOffsets>(
    `SELECT partition, first_offset::text AS low, next_offset::text AS high
     FROM event_log.partition WHERE topic = $1 ORDER BY partition`,
    [topic],
  );
  if (rows.length > 0) return rows;
  throw new EventLogError("UNKNOWN_TOPIC_OR_PARTITION", `expected a topic that was created; got ${topic}`);
}

/** The offset of each message, in the order given. */
export async function append(
  pool: pg.Pool,
  topic: string,
  producerId: string,
  messages: readonly Positioned[],
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ offset: string }>(
    `SELECT "offset"::text FROM event_log.append($1, $2, $3::int[], $4::bigint[], $5::bytea[], $6::bytea[], $7::jsonb[])`,
    [
      topic,
      producerId,
      messages.map(({ partition }) => partition),
      messages.map(({ sequence }) => sequence),
      messages.map(({ key }) => key),
      messages.map(({ value }) => value),
      messages.map(({ headers }) => JSON.stringify(headers)),
    ],
  );
  return rows.map(({ offset }) => offset);
}

/**
 * The next records of each place, at most `recordsMax` for each, in order. Where retention has deleted the place,
 * what follows it.
 */
export async function fetchRecords(
  pool: pg.Pool,
  places: readonly TopicPartitionOffset[],
  recordsMax: number,
): Promise<readonly LogRecord[]> {
  if (places.length === 0) return [];
  const { rows } = await pool.query<LogRecord>(
    `SELECT r.topic, r.partition, r."offset"::text, r.key, r.value, r.headers, r.appended_at AS timestamp
     FROM unnest($1::text[], $2::int[], $3::bigint[]) AS place (topic, partition, "offset")
     CROSS JOIN LATERAL (
       SELECT * FROM event_log.record r
       WHERE r.topic = place.topic AND r.partition = place.partition AND r."offset" >= place."offset"
       ORDER BY r."offset" LIMIT $4
     ) r
     ORDER BY r.topic, r.partition, r."offset"`,
    [
      places.map(({ topic }) => topic),
      places.map(({ partition }) => partition),
      places.map(({ offset }) => offset),
      recordsMax,
    ],
  );
  return rows;
}

export async function deleteExpired(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ deleted: string }>(
      "SELECT event_log.delete_expired()::text AS deleted",
    );
    if (rows[0]?.deleted === "0") return;
  }
}

/** Records of one topic and partition each, in order. */
export function groupByPartition(
  records: readonly LogRecord[],
): readonly (readonly [LogRecord, ...LogRecord[]])[] {
  const groups = new Map<string, [LogRecord, ...LogRecord[]]>();
  for (const record of records) {
    const name = partitionName(record);
    const group = groups.get(name);
    if (group) group.push(record);
    else groups.set(name, [record]);
  }
  return [...groups.values()];
}
