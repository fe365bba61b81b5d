/** A database of one's own: migrated, by default seeded, gone when the test that made it disposes of it. */
import pg from "pg";
import { databaseUrlOf } from "../../infra/local/prepareDatabase.ts";
import type { SubgraphName } from "../../infra/local/subgraphNames.ts";
import type { HostedDatabase, Template } from "./run/databaseHost.ts";

export type Statement = { readonly role: string; readonly text: string; readonly calls: number };

export type TestDatabase = AsyncDisposable &
  HostedDatabase & {
    /** What a subgraph connects with. */
    readonly urlOf: (subgraph: SubgraphName) => string;
    /** Runs `sql` as the superuser. */
    readonly query: <Row extends pg.QueryResultRow>(
      sql: string,
      values?: readonly unknown[],
    ) => Promise<Row[]>;
    /**
     * What the subgraphs' roles had this database execute while `work` ran; BEGIN, COMMIT and SET are not counted, nor
     * what processes do without being asked (see `ofJobs`).
     * PostgreSQL itself counts (pg_stat_statements), so nothing that is sent can be missed.
     */
    readonly countStatements: <Result>(work: () => Promise<Result>) => Promise<{
      readonly result: Result;
      readonly statements: readonly Statement[];
      readonly count: number;
    }>;
  };

export async function startDatabase({
  from = "seeded",
}: {
  readonly from?: Template;
} = {}): Promise<TestDatabase> {
  const database = await ask<HostedDatabase>(`?from=${from}`, "POST");
  const pool = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  // Dropping the database cuts idle connections; that is no fault of the test.
  pool.on("error", () => undefined);

  const query: TestDatabase["query"] = async (sql, values = []) => (await pool.query(sql, [...values])).rows;
  const countStatements: TestDatabase["countStatements"] = async (work) => {
    const monitor = new pg.Client({ connectionString: monitorUrlOf(database) });
    await monitor.connect();
    try {
      await monitor.query(`SELECT pg_stat_statements_reset(0, ${ourDatabase}, 0)`, [database.name]);
      const result = await work();
      const { rows } = await monitor.query<Statement>(ourStatements, [database.name]);
      return { result, statements: rows, count: rows.reduce((sum, { calls }) => sum + calls, 0) };
    } finally {
      await monitor.end();
    }
  };

  return {
    ...database,
    urlOf: (subgraph) => databaseUrlOf(database.port, database.name, subgraph, database.passwords),
    query,
    countStatements,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await ask(`/${database.name}`, "DELETE");
    },
  };
}

/** Brings dist/ up to date, once a run, for suites that start processes and need no database. */
export async function buildOnce(): Promise<void> {
  await ask("/build", "POST");
}

const ourDatabase = "(SELECT oid FROM pg_database WHERE datname = $1)";
/** What processes do by themselves: the event log and replication, the outbox, the record of decisions, jobs that wait, facts of signals. */
const ofJobs = String.raw`event_log\.|replication\.|ml"?\."?(signal_fact|country_window)|intelligence\.outbox|atlas:background|INSERT INTO "?compliance"?\."?(decision|policy_bundle)`;
const ourStatements = `
  SELECT role.rolname AS role, statement.query AS text, statement.calls::int AS calls
  FROM pg_stat_statements statement JOIN pg_roles role ON role.oid = statement.userid
  WHERE statement.dbid = ${ourDatabase} AND role.rolname LIKE 'atlas\\_%'
    AND statement.query !~ '${ofJobs}'
  ORDER BY statement.calls DESC, statement.query`;

/** The view lives in the cluster's first database and shows all of them. */
function monitorUrlOf({ adminUrl }: HostedDatabase): string {
  const url = new URL(adminUrl);
  url.pathname = "/postgres";
  return url.href;
}

async function ask<Answer>(path: string, method: "POST" | "DELETE"): Promise<Answer> {
  const host = process.env.ATLAS_TEST_HOST;
  if (host === undefined)
    throw new Error("Databases for tests are offered by test/support/run/globalSetup.mjs: run under Jest.");
  const answer = await fetch(`${host}${path}`, { method });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`No database for this test: ${body}`);
  // The other end is databaseHost.ts of the same checkout.
  return JSON.parse(body) as Answer;
}
