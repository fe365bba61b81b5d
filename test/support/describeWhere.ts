/**
 * Suites that need something that is not an npm package. Where it is missing they are reported as skipped; a program
 * that is missing in CI, which installs it (.ci/run), is a failure: a suite that never runs proves nothing.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { localConfig } from "../../infra/local/config.ts";
import { checkout } from "../../infra/local/paths.ts";

const parts = {
  chromium: { find: () => findProgram("chromium") ?? findProgram("google-chrome"), isInstalledByCi: true },
  "redis-server": { find: () => findProgram("redis-server"), isInstalledByCi: true },
  opa: { find: () => findProgram("opa"), isInstalledByCi: true },
  // The folder of its jars (npm run kafka:install), where there is a Java to run them.
  kafka: { find: () => findProgram("java") && findFile(".atlas/kafka/libs"), isInstalledByCi: true },
  // Python with other people's arithmetic (npm run oracles:install), where there is a Python and a package index.
  oracles: { find: () => findFile(".atlas/oracles/bin/python"), isInstalledByCi: false },
  // Lies beside a checkout or not; nobody can install it.
  "../shared/data": { find: () => localConfig.dataFolder, isInstalledByCi: false },
} as const;

export type Part = keyof typeof parts;

/** `body` gets where the part is: the program's path, or the folder's. */
export function describeWhere(part: Part, title: string, body: (path: string) => void): void {
  const { find, isInstalledByCi } = parts[part];
  const path = find();
  if (path !== undefined) {
    describe(title, () => body(path));
  } else if (isInstalledByCi && process.env.CI === "true") {
    describe(title, () => {
      test(`has ${part}, which CI must provide`, () => expect(part).toBe("installed"));
    });
  } else {
    describe.skip(title, () => body(`/nowhere/${part}`));
  }
}

function findFile(path: string): string | undefined {
  const absolute = join(checkout, path);
  return existsSync(absolute) ? absolute : undefined;
}

function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [join(checkout, ".atlas/bin"), ...folders]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
