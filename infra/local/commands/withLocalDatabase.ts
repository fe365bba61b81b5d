/** Lends the local database to a command: the one of the region that runs, or else one started for the time being. */
import { findEndpoints } from "../endpoints.ts";
import { takeLock } from "../lock.ts";
import { findFreePort, ports } from "../ports.ts";
import { clusterUrl, startCluster } from "../postgres/cluster.ts";
import { prepareDatabase } from "../prepareDatabase.ts";
import { loadSecrets, type Secrets, state } from "../state.ts";

export type LocalDatabase = {
  readonly port: number;
  readonly name: string;
  /** Migrated already. */
  readonly adminUrl: string;
  readonly passwords: Secrets["passwords"];
  readonly applied: readonly string[];
};

export async function withLocalDatabase<Result>(
  use: (database: LocalDatabase) => Promise<Result>,
): Promise<Result> {
  const secrets = await loadSecrets();
  const running = findEndpoints();
  if (running !== null) return prepareAndUse(running.database.port, running.database.name);

  takeLock();
  const port = await findFreePort(ports.postgres);
  const cluster = await startCluster({ folder: state.postgres, port, password: secrets.superuser });
  try {
    return await prepareAndUse(port, "atlas");
  } finally {
    await cluster.stop();
  }

  async function prepareAndUse(at: number, name: string): Promise<Result> {
    const urlOf = (database: string): string =>
      clusterUrl({ port: at, password: secrets.superuser }, database);
    const applied = await prepareDatabase(urlOf, name, secrets.passwords);
    return use({ port: at, name, adminUrl: urlOf(name), passwords: secrets.passwords, applied });
  }
}
