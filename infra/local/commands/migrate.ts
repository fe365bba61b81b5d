/** `npm run db:migrate`: brings the local database, or the one at `DATABASE_URL`, up to date. */
import { migrate } from "../../../prisma/migrate.ts";
import { loadMigrations } from "../../../prisma/migrations.ts";
import { withClient } from "../startDatabase.ts";
import { runCommand } from "./runCommand.ts";
import { withLocalDatabase } from "./withLocalDatabase.ts";

await runCommand(async () => {
  const url = process.env.DATABASE_URL;
  const applied = url === undefined ? await migrateLocal() : await migrateAt(url);
  console.log(applied.length === 0 ? "Up to date." : `Applied ${applied.join(", ")}.`);
});

function migrateLocal(): Promise<readonly string[]> {
  return withLocalDatabase(async ({ applied }) => applied);
}

/** In production the owner of the database runs this; passwords of the roles are the operator's. */
async function migrateAt(url: string): Promise<readonly string[]> {
  const migrations = await loadMigrations();
  return withClient(url, (client) => migrate(client, migrations));
}
