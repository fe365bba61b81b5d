/** The migration files: plain SQL named NNNN_purpose.sql, applied in the order of their numbers. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { MigrationError } from "./migrationError.ts";

export type Migration = {
  /** The file's name without `.sql`, such as `0001_regions`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, hexadecimal, so that an edit after the fact is noticed. */
  readonly checksum: string;
};

export const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

/** Reads every migration of `folder`; throws when a name or a number is not what the order needs. */
export async function loadMigrations(folder: string = migrationsFolder): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  files.forEach(assertNamed);
  return Promise.all(files.map((file) => loadMigration(folder, file)));
}

async function loadMigration(folder: string, file: string): Promise<Migration> {
  // Line ends are not part of the meaning: a checkout with CRLF must not look like an edit.
  const sql = (await readFile(`${folder}/${file}`, "utf8")).replaceAll("\r\n", "\n");
  return {
    name: file.slice(0, -".sql".length),
    sql,
    checksum: createHash("sha256").update(sql).digest("hex"),
  };
}

function assertNamed(file: string, index: number): void {
  const expected = String(index + 1).padStart(4, "0");
  if (/^\d{4}_[a-z0-9_]+\.sql$/.test(file) && file.startsWith(expected)) return;
  throw new MigrationError(
    "MISNAMED",
    `Migration ${file} was expected to be named ${expected}_<purpose>.sql: numbers run from 0001 without gaps or repeats.`,
  );
}
