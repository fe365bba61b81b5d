/** Fills a migrated database, once: in a process of its own, because the launcher has no use for Prisma afterwards. */
import { LaunchError } from "./launchError.ts";
import { compiled } from "./paths.ts";
import { databaseUrlOf, type Passwords, withClient } from "./prepareDatabase.ts";
import { spawnProcess } from "./processes/spawnProcess.ts";
import { variableOf } from "./roleUrls.ts";
import { subgraphNames } from "./subgraphNames.ts";

export type SeedTarget = {
  readonly port: number;
  readonly database: string;
  readonly passwords: Passwords;
  readonly region: string;
  /** Folder with the files that `npm run import` reads; undefined seeds from what npm packages ship. */
  readonly dataFolder: string | undefined;
};

/** Rejects with what the seed said; the rows that it wrote by then stay, and the next run goes on from them. */
export async function seedDatabase(
  target: SeedTarget,
  { logFile, onLine }: { readonly logFile?: string; readonly onLine?: (line: string) => void } = {},
): Promise<void> {
  const lines: string[] = [];
  const seeding = spawnProcess({
    script: compiled("infra/local/seedProgram.js"),
    env: {
      ...Object.fromEntries(
        subgraphNames.map((name) => [
          variableOf(name),
          databaseUrlOf(target.port, target.database, name, target.passwords),
        ]),
      ),
      ATLAS_REGION: target.region,
      ATLAS_DATA_FOLDER: target.dataFolder ?? "",
    },
    logFile,
    onLine: (line) => {
      lines.push(line);
      onLine?.(line);
    },
  });
  const { code } = await seeding.exited;
  if (code !== 0)
    throw new LaunchError(`Seeding the database failed. It said:\n  ${lines.slice(-20).join("\n  ")}`);
}

/** Whether `markSeeded` was ever called on the database. */
export function isSeeded(adminUrl: string): Promise<boolean> {
  return withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ seeded: boolean }>(
      "SELECT to_regclass('public.atlas_seed') IS NOT NULL AS seeded",
    );
    return rows[0]?.seeded === true;
  });
}

export async function markSeeded(adminUrl: string): Promise<void> {
  await withClient(adminUrl, (client) =>
    client.query("CREATE TABLE IF NOT EXISTS public.atlas_seed AS SELECT now() AS seeded_at"),
  );
}
