/** What `npm test` ends with, from a real run of Jest over suites that pass, fail, skip and cannot start. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { checkout } from "../../../infra/local/paths.ts";

describe("the last line of a run", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "atlas-count-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test("counts every suite, also one that cannot start, and fails the run", () => {
    write("good", "test('works', () => {}); test.skip('waits', () => {});");
    write("bad", "test('breaks', () => { throw new Error('no'); });");
    write("broken", "syntax error(");
    const { status, lastLine, stderr } = runJest();
    expect(lastLine).toBe("1 passed, 2 failed");
    expect(stderr).toMatch(/Skipped, what they need is not on this machine:\n {2}waits/);
    expect(status).toBe(1);
  });

  test("passes when all passed", () => {
    write("good", "test('works', () => {});");
    expect(runJest()).toMatchObject({ lastLine: "1 passed, 0 failed", status: 0 });
  });

  test("fails when nothing was tested", () => {
    write("empty", "test.skip('waits', () => {});");
    expect(runJest()).toMatchObject({ lastLine: "0 passed, 0 failed", status: 1 });
  });

  function write(name: string, source: string): void {
    writeFileSync(join(folder, `${name}.test.js`), source);
  }

  function runJest(): { status: number | null; lastLine: string | undefined; stderr: string } {
    const config = {
      rootDir: folder,
      reporters: ["default", join(checkout, "test/support/run/countReporter.mjs")],
    };
    const jest = join(checkout, "node_modules/jest/bin/jest.js");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [jest, "--config", JSON.stringify(config)],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
    return { status, lastLine: stdout.trim().split("\n").at(-1), stderr };
  }
});
