/**
 * The outbox, on a connection of its own: the turn to relay is an advisory lock of its session, so it ends with the
 * connection, however its holder dies.
 */
import pg from "pg";
import { createBell } from "../../shared/eventLog/createBell.ts";

export type OutboxRow = {
  readonly seq: string;
  readonly topic: string;
  readonly key: string;
  readonly value: string;
};

export type OutboxTurn = {
  /** The oldest rows, in order. */
  readonly findNext: (take: number) => Promise<readonly OutboxRow[]>;
  readonly remove: (rows: readonly OutboxRow[]) => Promise<void>;
  /** Resolves when rows may have come since the last `findNext`, after `pollMs`, or when aborted. */
  readonly waitForMore: (pollMs: number, signal: AbortSignal) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Any number will do, as long as nobody else locks it: "outbox" in ASCII. */
export const outboxLockKey = 0x6f7574626f78;

/** Null while another process has the turn. */
export async function takeOutboxTurn(url: string): Promise<OutboxTurn | null> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "atlas-outbox-relay",
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  const bell = createBell();
  let known = 0;
  // A broken connection also rejects the query under way or the next; unheard, its event would end the process.
  client.on("error", bell.ring);
  client.on("notification", bell.ring);
  await client.connect();
  try {
    const { rows } = await client.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1) AS taken", [
      outboxLockKey,
    ]);
    if (rows[0]?.taken !== true) {
      await client.end();
      return null;
    }
    await client.query("LISTEN intelligence_outbox");
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }

  return {
    findNext: async (take) => {
      known = bell.rings();
      const { rows } = await client.query<OutboxRow>(
        "SELECT seq::text, topic, key, value::text FROM intelligence.outbox ORDER BY outbox.seq LIMIT $1",
        [take],
      );
      return rows;
    },
    remove: async (rows) => {
      await client.query("DELETE FROM intelligence.outbox WHERE seq = ANY ($1::bigint[])", [
        rows.map(({ seq }) => seq),
      ]);
    },
    waitForMore: (pollMs, signal) => bell.wait(known, pollMs, signal),
    end: () => client.end(),
  };
}
