/** `npm run db:migrate`: brings the local database, or the one at `DATABASE_URL`, up to date. */
import { migrate } from "../../../prisma/migrate.ts";
import { loadMigrations } from "../../../prisma/migrations.ts";
import { localConfig } from "../config.ts";
import { setPasswords, withClient } from "../prepareDatabase.ts";
import { findRolePasswords } from "../roleUrls.ts";
import { runCommand } from "./runCommand.ts";
import { withLocalDatabase } from "./withLocalDatabase.ts";

await runCommand(async () => {
  const url = localConfig.databaseUrl;
  const applied = url === undefined ? await migrateLocal() : await migrateAt(url);
  console.log(applied.length === 0 ? "Up to date." : `Applied ${applied.join(", ")}.`);
});

function migrateLocal(): Promise<readonly string[]> {
  return withLocalDatabase(async ({ applied }) => applied);
}

/** Roles get the passwords in `DATABASE_URL_<SUBGRAPH>`; without these they keep what the operator gave them. */
async function migrateAt(url: string): Promise<readonly string[]> {
  const migrations = await loadMigrations();
  const passwords = findRolePasswords(process.env);
  return withClient(url, async (client) => {
    const applied = await migrate(client, migrations);
    if (passwords !== undefined) await setPasswords(client, passwords);
    return applied;
  });
}
