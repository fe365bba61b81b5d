/**
 * A PostgreSQL 18 cluster of our own on loopback: made when there is none, started, and stopped with its acknowledged
 * writes on disk. Drives `initdb` and `postgres` directly, because accounts, stale locks and crashes need more say than
 * the package's wrapper gives.
 */
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { LaunchError } from "../launchError.ts";
import { guardScript, type RunningProcess, spawnProcess } from "../processes/spawnProcess.ts";
import { majorVersion } from "./binaries.ts";
import { type Placement, placePostgres } from "./placement.ts";
import { settleStaleLock } from "./staleLock.ts";

export const superuser = "atlas";

export type ClusterOptions = {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  /** Server settings beside the ones that every cluster of ours has. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly logFile?: string;
  readonly onLine?: (line: string) => void;
  /** Gives up waiting, and stops what was started. */
  readonly signal?: AbortSignal;
};

export type Cluster = RunningProcess & {
  /** Connection URL of the superuser. */
  readonly urlOf: (database: string) => string;
};

/** A checkpoint of all that is in memory may take this long. */
const stopGraceMs = 30_000;

const commonSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
  // Replication between regions reads the log; it cannot be switched on without a restart.
  wal_level: "logical",
  timezone: "UTC",
  log_line_prefix: "%m [%p] %q%d ",
} as const;

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const placement = await placePostgres(options.folder);
  const dataFolder = join(placement.folder, "data");
  if (!(await isInitialised(dataFolder))) await initialise(placement, dataFolder, options.password);
  await settleStaleLock(dataFolder);

  const lastLines: string[] = [];
  const server = spawnServer(placement, dataFolder, options, (line) => {
    lastLines.push(line);
    if (lastLines.length > 8) lastLines.shift();
    options.onLine?.(line);
  });
  await waitUntilReady(server, options, lastLines);
  return {
    urlOf: (database) => clusterUrl(options, database),
    ...server,
    stop: () => server.stop(stopGraceMs),
  };
}

/** Connection URL of the superuser. */
export function clusterUrl(
  { port, password }: Pick<ClusterOptions, "port" | "password">,
  database: string,
): string {
  return `postgresql://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

async function isInitialised(dataFolder: string): Promise<boolean> {
  const version = await readFile(join(dataFolder, "PG_VERSION"), "utf8").catch(() => undefined);
  if (version === undefined) return false;
  if (version.trim() === majorVersion) return true;
  throw new LaunchError(
    `${dataFolder} was made by PostgreSQL ${version.trim()}, this is PostgreSQL ${majorVersion}. ` +
      "Dump it with the old version and load it here, or start from an empty database with `npm run reset`.",
  );
}

async function initialise(placement: Placement, dataFolder: string, password: string): Promise<void> {
  const { binaries, folder, account } = placement;
  const fresh = `${dataFolder}.new`;
  const passwordFile = join(folder, "password");
  await rm(fresh, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const login = [`--username=${superuser}`, "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  try {
    await chmod(binaries.initdb, 0o755).catch(() => undefined);
    await chmod(binaries.postgres, 0o755).catch(() => undefined);
    await promisify(execFile)(binaries.initdb, [`--pgdata=${fresh}`, ...login, ...locale], {
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" },
      cwd: folder,
    });
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    throw new LaunchError(`PostgreSQL could not make its data folder ${fresh}: ${said}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
  // Renamed only when complete: a folder that an interrupted initdb left is made anew, never started.
  await rename(fresh, dataFolder);
}

function spawnServer(
  { binaries, account, folder }: Placement,
  dataFolder: string,
  { port, settings = {}, logFile }: ClusterOptions,
  onLine: (line: string) => void,
): RunningProcess {
  const flags = Object.entries({ ...commonSettings, port: String(port), ...settings });
  const args = ["-D", dataFolder, ...flags.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  return spawnProcess({
    script: guardScript,
    args: [binaries.postgres, JSON.stringify(args), JSON.stringify(account ?? {})],
    env: { LC_ALL: "C" },
    cwd: folder,
    logFile,
    onLine,
  });
}

async function waitUntilReady(
  server: RunningProcess,
  options: ClusterOptions,
  lastLines: readonly string[],
): Promise<void> {
  const url = clusterUrl(options, "postgres");
  const fail = async (happened: string): Promise<never> => {
    await server.stop(stopGraceMs);
    throw new LaunchError(`PostgreSQL ${happened}. It said:\n  ${lastLines.join("\n  ")}`);
  };
  let isGone = false;
  void server.exited.then(() => {
    isGone = true;
  });
  // Recovery after a crash replays the log first, so patience is measured in minutes.
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await delay(100)) {
    if (isGone) return fail("stopped while starting");
    if (options.signal?.aborted) return fail("was stopped while starting");
    if (await answers(url)) return;
  }
  return fail("did not accept connections within 120 s");
}

/** True when a connection works; a refused password is an answer that no waiting will change. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "28P01") {
      throw new LaunchError(
        "PostgreSQL refused our password: the data folder and .atlas/secrets.json are not from the same start. Run `npm run reset`.",
        { cause: error },
      );
    }
    return false;
  }
}
