/** SHA-256 of the code that leads a training: names and contents of the files under domain/ and of this folder, in order. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folders = ["../../domain/", "./"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
let known: string | undefined;

/** Read once: a process runs the code that it started with. */
export function findCodeVersion(): string {
  known ??= hashFolders();
  return known;
}

function hashFolders(): string {
  const hash = createHash("sha256");
  for (const folder of folders)
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(isCode).sort())
      hash
        .update(`${name}\0`)
        .update(readFileSync(`${folder}${name}`))
        .update("\0");
  return hash.digest("hex");
}

function isCode(name: string): boolean {
  return /\.(ts|js)$/.test(name) && !/\.test\.|\.d\.ts$|testing/.test(name);
}
