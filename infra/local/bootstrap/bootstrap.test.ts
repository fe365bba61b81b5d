/** The bootstrap is plain JavaScript that runs before anything is installed, so it is asked as a program. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { checkout } from "../paths.ts";

describe("the bootstrap", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "atlas bootstrap "));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("refuses an old Node by name and says what to do", () => {
    const { stderr } = run(`
      const { assertNodeVersion } = await import("./infra/local/bootstrap/install.mjs");
      assertNodeVersion("20.19.0");
      assertNodeVersion("22.0.0");
      assertNodeVersion("18.20.4");`);
    expect(stderr).toContain(
      "Atlas needs Node 20.19 or later; this is 18.20.4. Install it from https://nodejs.org",
    );
  });

  test("runs a step when what it reads has changed, after it failed, and not otherwise", () => {
    const input = relative(checkout, join(folder, "input.txt"));
    const stamp = relative(checkout, join(folder, "out/.stamp"));
    const { stdout } = run(`
      const { writeFileSync } = await import("node:fs");
      const { runStep } = await import("./infra/local/bootstrap/step.mjs");
      let isBroken = false;
      const work = async () => { if (isBroken) throw new Error("broken"); };
      const step = { name: "step", inputs: [${JSON.stringify(input)}], stamp: ${JSON.stringify(stamp)}, run: work };
      const attempt = () => runStep(step).catch((error) => error.message);
      writeFileSync(${JSON.stringify(input)}, "one");
      const ran = [await attempt(), await attempt()];
      writeFileSync(${JSON.stringify(input)}, "two");
      isBroken = true;
      ran.push(await attempt());
      isBroken = false;
      ran.push(await attempt(), await attempt());
      console.log(JSON.stringify(ran));`);
    expect(JSON.parse(stdout)).toEqual([true, false, "broken", true, false]);
  });

  test("shows what a program said only when it failed", () => {
    const { stdout } = run(`
      const { run } = await import("./infra/local/bootstrap/run.mjs");
      await run(process.execPath, ["-e", "console.log('quiet')"]);
      await run(process.execPath, ["-e", "console.error('loud'); process.exit(3)"])
        .catch((error) => console.log(error.message));`);
    expect(stdout).toContain("failed (exit code 3):\nloud");
    expect(stdout).not.toContain("quiet");
  });

  test("names the commands that it knows", () => {
    const { status, stderr } = spawnSync(process.execPath, ["infra/local/bootstrap.mjs", "dance"], {
      cwd: checkout,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toBe(
      'Expected one of generate, build, start, startGlobal, repairReplication, test, check, run; got "dance".\n',
    );
  });
});

function run(source: string): { stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["--input-type=module", "-e", source], {
    cwd: checkout,
    encoding: "utf8",
  });
}
