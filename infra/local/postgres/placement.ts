/** Decides where PostgreSQL's files live and as whom it runs, so that it works for root in a private checkout too. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chown, cp, lstat, mkdir, realpath, rm, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { LaunchError } from "../launchError.ts";
import { type Account, findAccount } from "./account.ts";
import { type Binaries, binariesIn, findBinaries } from "./binaries.ts";

export type Placement = {
  readonly binaries: Binaries;
  /** Owned by `account`; the cluster's data folder is created inside. */
  readonly folder: string;
  readonly account: Account | undefined;
};

/**
 * `folder` is where the state should be. Where the account cannot reach it (a checkout below /root, say), the files go
 * to /var/tmp and `folder` becomes a link to them.
 */
export async function placePostgres(folder: string): Promise<Placement> {
  const binaries = findBinaries();
  const account = await findAccount();
  if (account === undefined) {
    await mkdir(folder, { recursive: true });
    return { binaries, folder, account };
  }
  await mkdir(dirname(folder), { recursive: true });
  const reachable =
    (await canReach(account, dirname(folder))) && (await canReach(account, dirname(binaries.postgres)));
  return reachable ? placeHere(folder, binaries, account) : placeOutside(folder, binaries, account);
}

async function placeHere(folder: string, binaries: Binaries, account: Account): Promise<Placement> {
  await mkdir(folder, { recursive: true });
  await chown(folder, account.uid, account.gid);
  return { binaries, folder, account };
}

async function placeOutside(folder: string, binaries: Binaries, account: Account): Promise<Placement> {
  const outside = outsideFolder(folder);
  const [programs, state] = [join(outside, "programs"), join(outside, "state")];
  await mkdir(outside, { recursive: true, mode: 0o755 });
  await cp(binaries.root, programs, { recursive: true, verbatimSymlinks: true, force: true });
  await carryOver(folder, state);
  const placed = await placeHere(state, binariesIn(programs), account);
  const existing = await lstat(folder).catch(() => undefined);
  if (existing === undefined) await symlink(placed.folder, folder);
  return placed;
}

/** A checkout that has become private since its first start has its rows inside: they go along. */
async function carryOver(folder: string, state: string): Promise<void> {
  const inside = await lstat(folder).catch(() => undefined);
  if (!inside?.isDirectory()) return;
  if ((await lstat(state).catch(() => undefined)) !== undefined)
    throw new LaunchError(
      `Expected one folder with PostgreSQL's files, came two: ${folder} and ${state}. Move the one that is not wanted away.`,
    );
  // Unlike Node's own ways, over file systems too and with every owner as it was.
  await promisify(execFile)("mv", [folder, state]);
}

/** Removes what `placePostgres` may have put outside of `folder`. */
export async function removeOutside(folder: string): Promise<void> {
  await rm(outsideFolder(folder), { recursive: true, force: true });
}

function outsideFolder(folder: string): string {
  return join("/var/tmp", `atlas-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`);
}

/** Whether every folder on the way lets the account pass (the execute bit; ACLs only ever add to it). */
async function canReach(account: Account, folder: string): Promise<boolean> {
  let current = await realpath(folder);
  for (;;) {
    const { mode, uid, gid } = await stat(current);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (current === dirname(current)) return true;
    current = dirname(current);
  }
}
