/**
 * Deals with the postmaster.pid that a killed PostgreSQL leaves. PostgreSQL refuses to start when any process has that
 * pid, so a reused pid would block it for ever; and a server that did survive must stop before ours starts.
 */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LaunchError } from "../launchError.ts";
import { findStartOf } from "../processes/identity.ts";

/** Call only while holding the launcher's own lock: then whoever still serves `dataFolder` is an orphan. */
export async function settleStaleLock(dataFolder: string): Promise<void> {
  const file = join(dataFolder, "postmaster.pid");
  const pid = Number((await readFile(file, "utf8").catch(() => "")).split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  if (!(await isServerOf(pid, dataFolder))) {
    await rm(file, { force: true });
    return;
  }
  process.kill(pid, "SIGINT");
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(50)) {
    if (findStartOf(pid) === undefined) return;
  }
  throw new LaunchError(
    `PostgreSQL from an earlier start (pid ${pid}) still uses ${dataFolder} and did not stop within 30 s. End it with \`kill -QUIT ${pid}\` and start again.`,
  );
}

/** The command line proves it; where there is no /proc, a living pid is believed, as PostgreSQL itself does. */
async function isServerOf(pid: number, dataFolder: string): Promise<boolean> {
  if (findStartOf(pid) === undefined) return false;
  try {
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").includes(dataFolder);
  } catch {
    return process.platform !== "linux";
  }
}
