/** The local database: the cluster under .atlas, migrated, with a password for each subgraph's own role. */
import pg from "pg";
import { migrate } from "../../prisma/migrate.ts";
import { loadMigrations } from "../../prisma/migrations.ts";
import { type SubgraphName, subgraphNames } from "./subgraphNames.ts";

export type Passwords = Readonly<Record<SubgraphName, string>>;

/** Makes the database when it is missing, applies migrations, and answers the names of those that it applied. */
export async function prepareDatabase(
  urlOf: (database: string) => string,
  database: string,
  passwords: Passwords,
): Promise<readonly string[]> {
  await withClient(urlOf("postgres"), (client) => createDatabase(client, database));
  return withClient(urlOf(database), async (client) => {
    const applied = await migrate(client, await loadMigrations());
    await setPasswords(client, passwords);
    return applied;
  });
}

/** What a subgraph connects with: its own role, which reaches its own schema and the event log. */
export function databaseUrlOf(
  port: number,
  database: string,
  subgraph: SubgraphName,
  passwords: Passwords,
): string {
  return `postgresql://atlas_${subgraph}:${encodeURIComponent(passwords[subgraph])}@127.0.0.1:${port}/${database}`;
}

export async function withClient<Result>(
  url: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away fails the query under way, which is enough: without a listener it would end this process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function createDatabase(client: pg.Client, database: string): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
}

/** Lets the subgraphs' roles log in. */
export async function setPasswords(client: pg.Client, passwords: Passwords): Promise<void> {
  for (const subgraph of subgraphNames) {
    const role = client.escapeIdentifier(`atlas_${subgraph}`);
    await client.query(`ALTER ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(passwords[subgraph])}`);
  }
}
