/**
 * Brings a database up to date: every migration once, in order, each in a transaction of its own together with the
 * row that remembers it. Runners that race wait for each other. Why not `prisma migrate`: see
 * docs/decisions/0001-plain-sql-migrations-and-one-build.md.
 */
import type { ClientBase } from "pg";
import { MigrationError } from "./migrationError.ts";
import type { Migration } from "./migrations.ts";

/** Any number will do, as long as nobody else locks it: "atlas" in ASCII. */
const lockKey = 0x61746c6173;

/** Applies what is missing and returns the names of it. Throws a MigrationError and leaves the rest untouched. */
export async function migrate(
  client: ClientBase,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
  try {
    const applied = await loadApplied(client);
    assertSameHistory(applied, migrations);
    const missing = migrations.slice(applied.length);
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [lockKey]);
  }
}

type Applied = { readonly name: string; readonly checksum: string; readonly applied_at: Date | null };

async function loadApplied(client: ClientBase): Promise<readonly Applied[]> {
  await client.query(`
    CREATE TABLE IF NOT EXISTS public.atlas_migrations (
      name text COLLATE "C" PRIMARY KEY,
      checksum text NOT NULL,
      applied_at timestamptz -- null: half-applied
    )`);
  const { rows } = await client.query<Applied>(
    "SELECT name, checksum, applied_at FROM public.atlas_migrations ORDER BY name",
  );
  return rows;
}

function assertSameHistory(applied: readonly Applied[], migrations: readonly Migration[]): void {
  applied.forEach((row, index) => {
    const file = migrations[index];
    if (row.applied_at === null) throw halfApplied(row.name);
    if (file?.name !== row.name) {
      throw new MigrationError(
        "UNKNOWN",
        `The database has migration ${row.name} where these files have ${file?.name ?? "none"}: it was last used by another version of Atlas. ` +
          "Check out that version, or drop the database (local state: `npm run reset`).",
      );
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationError(
        "CHANGED",
        `Migration ${row.name} was edited after it was applied. Restore the file and put the change into a new migration ` +
          "(while developing: `npm run reset` starts from an empty database).",
      );
    }
  });
}

async function apply(client: ClientBase, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  const transaction = await currentTransaction(client);
  try {
    await client.query(migration.sql);
  } catch (error) {
    await client.query("ROLLBACK");
    if (await wasCommitted(client, transaction)) await refuseFromNowOn(client, migration);
    throw new MigrationError(
      "FAILED",
      `Migration ${migration.name} failed${atLine(migration.sql, error)}: ${error instanceof Error ? error.message : String(error)}. ` +
        "Nothing of it was applied and earlier ones stay. Correct the file and run again.",
      { cause: error },
    );
  }
  if ((await currentTransaction(client)) !== transaction) {
    await client.query("ROLLBACK");
    await refuseFromNowOn(client, migration);
  }
  await remember(client, migration, "now()");
  await client.query("COMMIT");
}

async function currentTransaction(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
  return rows[0]?.id;
}

async function wasCommitted(client: ClientBase, transaction: string | undefined): Promise<boolean> {
  const { rows } = await client.query<{ status: string }>("SELECT pg_xact_status($1::xid8) AS status", [
    transaction,
  ]);
  return rows[0]?.status === "committed";
}

async function refuseFromNowOn(client: ClientBase, migration: Migration): Promise<never> {
  await remember(client, migration, "NULL");
  throw halfApplied(migration.name);
}

async function remember(
  client: ClientBase,
  migration: Migration,
  appliedAt: "now()" | "NULL",
): Promise<void> {
  await client.query(
    `INSERT INTO public.atlas_migrations (name, checksum, applied_at) VALUES ($1, $2, ${appliedAt})`,
    [migration.name, migration.checksum],
  );
}

function halfApplied(name: string): MigrationError {
  return new MigrationError(
    "HALF_APPLIED",
    `Migration ${name} ended its own transaction (COMMIT or ROLLBACK inside the file), so only a part of it may be in the database. ` +
      `Take that statement out of the file, undo by hand what stayed, and delete the row '${name}' from atlas_migrations; ` +
      "or drop the database (local state: `npm run reset`).",
  );
}

function atLine(sql: string, error: unknown): string {
  if (!(error instanceof Error && "position" in error && typeof error.position === "string")) return "";
  return ` at line ${sql.slice(0, Number(error.position) - 1).split("\n").length}`;
}
