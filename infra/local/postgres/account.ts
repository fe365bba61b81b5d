/** PostgreSQL refuses to run as root, so root lends it an account without rights. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { LaunchError } from "../launchError.ts";

export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** The account that PostgreSQL runs as, or undefined when we are not root and it simply runs as us. */
export async function findAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await findInPasswd("postgres");
  if (existing !== undefined) return existing;
  await createAccount();
  // `nobody` is the last resort of systems that have no useradd.
  const account = (await findInPasswd("postgres")) ?? (await findInPasswd("nobody"));
  if (account !== undefined) return account;
  throw new LaunchError(
    "PostgreSQL does not run as root and there is no account to lend it. Create one (`useradd --system postgres`) or start as a normal user.",
  );
}

async function findInPasswd(name: string): Promise<Account | undefined> {
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find(([user]) => user === name);
  if (fields === undefined) return undefined;
  return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
}

async function createAccount(): Promise<void> {
  const shell = ["--shell", "/usr/sbin/nologin"];
  await promisify(execFile)("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    ...shell,
    "postgres",
  ]).catch(() => undefined);
}
