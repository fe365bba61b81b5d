/** What PostgreSQL spent its time on, from pg_stat_statements: where to look when ingestion is too slow. */
import { withClient } from "../../../infra/local/prepareDatabase.ts";

/** Settings of a cluster that counts its statements, those inside functions and triggers too. */
export const statementSettings = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "all",
} as const;

const shownMax = 15;

/** The dearest first. Times of a statement include those of the triggers that it fires. */
export async function listStatements(adminUrl: string): Promise<readonly string[]> {
  return withClient(adminUrl, async (client) => {
    await client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    const { rows } = await client.query<{ calls: number; ms: number; rows: number; text: string }>(
      `SELECT calls::float8, total_exec_time AS ms, rows::float8, regexp_replace(query, '\\s+', ' ', 'g') AS text
       FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT $1`,
      [shownMax],
    );
    return rows.map(
      ({ calls, ms, rows: count, text }) =>
        `${Math.round(ms)} ms in ${calls} calls, ${count} rows: ${text.trim().slice(0, 110)}`,
    );
  });
}
