/**
 * `npm run oracles:install`: outside implementations that ours is compared with (requirements.txt), in a virtual environment of
 * this checkout. Without Python, or without a package index, it says so and ends with 1; the suite is skipped then.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = here("../../../.atlas/oracles");
const wanted = readFileSync(here("requirements.txt"), "utf8");
const stamp = `${folder}/installed.txt`;

if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
  console.log("oracles: already there");
} else {
  rmSync(folder, { recursive: true, force: true });
  run("python3", ["-m", "venv", folder], "Python 3 with venv");
  run(
    `${folder}/bin/python`,
    [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--no-deps",
      "--only-binary",
      ":all:",
      "-r",
      here("requirements.txt"),
    ],
    "a package index",
  );
  writeFileSync(stamp, wanted);
  console.log("oracles: installed");
}

/** @param {string} program @param {readonly string[]} args @param {string} needs */
function run(program, args, needs) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return;
  console.error(
    `oracles: not installed, so not compared; this needs ${needs}. ${(error?.message ?? stderr).trim()}`,
  );
  process.exit(1);
}
