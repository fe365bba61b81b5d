/** What was acknowledged against what is stored, and how long each took. */
import { setTimeout as sleep } from "node:timers/promises";
import { withClient } from "../../../infra/local/prepareDatabase.ts";

export type Verdict = {
  readonly acknowledged: number;
  /** Of those, how many a query sees. */
  readonly queryable: number;
  readonly lost: number;
  /** Rows beyond one for each acknowledged signal, of what was sent. */
  readonly duplicates: number;
  readonly parked: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/** Nobody else may have sent to these sources. Waits until nothing is missing, or nothing more has come for `silenceMs`. */
export async function compareIds(
  adminUrl: string,
  sources: readonly string[],
  sentAt: ReadonlyMap<string, number>,
  silenceMs = 20_000,
): Promise<Verdict> {
  return withClient(adminUrl, async (client) => {
    const countRows = async (): Promise<number> => {
      const { rows } = await client.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM intelligence.signal WHERE source_code = ANY ($1)",
        [sources],
      );
      return rows[0]?.count ?? 0;
    };
    let count = await countRows();
    for (
      let changedAt = Date.now();
      count < sentAt.size && Date.now() - changedAt < silenceMs;
      await sleep(250)
    ) {
      const now = await countRows();
      if (now !== count) [count, changedAt] = [now, Date.now()];
    }
    const { rows } = await client.query<{ sourceId: string; storedAt: number }>(
      `SELECT source_id AS "sourceId", (extract(epoch FROM ingested_at) * 1000)::float8 AS "storedAt"
       FROM intelligence.signal WHERE source_code = ANY ($1)`,
      [sources],
    );
    const { rows: parked } = await client.query<{ count: number }>(
      "SELECT coalesce(sum(count), 0)::int AS count FROM intelligence.ingest_tally WHERE outcome = 'parked'",
    );
    const stored = new Map(rows.map(({ sourceId, storedAt }) => [sourceId, storedAt]));
    const tookMs = [...sentAt]
      .flatMap(([sourceId, at]) => {
        const then = stored.get(sourceId);
        return then === undefined ? [] : [then - at];
      })
      .sort((one, other) => one - other);
    return {
      acknowledged: sentAt.size,
      queryable: tookMs.length,
      lost: sentAt.size - tookMs.length,
      duplicates: rows.length - stored.size,
      parked: parked[0]?.count ?? 0,
      p50Ms: quantile(tookMs, 0.5),
      p99Ms: quantile(tookMs, 0.99),
      maxMs: tookMs.at(-1) ?? 0,
    };
  });
}

/** Of sorted numbers. */
export function quantile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
}
