/** `npm run import` as a process of its own: what it prints and how it ends. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { compiled } from "../../../infra/local/paths.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";

let database: TestDatabase;
let folder = "";

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  folder = await mkdtemp(join(tmpdir(), "atlas-import-"));
}, 60_000);

afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe("npm run import", () => {
  test("prints the summary and what was put aside, and ends with 0", async () => {
    const path = await write("brent.csv", "Date,Price\n2020-01-02,60\n2020-01-03,NaN\n2020-01-06,61\n");
    expect(await runCommand(["brent", path])).toEqual({
      code: 0,
      errors: "",
      output: [
        "read 3, written 2, unchanged 0, quarantined 1",
        "",
        "where each went:",
        "      1  day → indicator, observation",
        "      1  day → observation",
        "",
        "quarantined:",
        '  line 3: Price: expected a number; got "NaN"',
        "",
      ].join("\n"),
    });
    const again = await runCommand(["brent", path]);
    expect(again.output).toContain("read 3, written 0, unchanged 2, quarantined 1\n");
  });

  test("ends with 1 when the file breaks off, having kept what came before", async () => {
    const { code, output, errors } = await runCommand([
      "kev",
      await write("cut.json", '{"vulnerabilities":[7,'),
    ]);
    expect(code).toBe(1);
    expect(output).toContain("read 1, written 0, unchanged 0, quarantined 1");
    expect(errors).toContain(
      "The import broke off: the JSON document breaks off before its end (after vulnerabilities[0])",
    );
  });

  test.each([
    ["an unknown source, listing those there are", ["nope", "x"], "one of kev, usgs, gdelt-events"],
    [
      "a missing file, naming it",
      ["kev", "/nowhere/kev.json"],
      "expected a file at /nowhere/kev.json; there is none",
    ],
    ["too few arguments", ["kev"], "expected: npm run import -- <source> <file|url>"],
    ["an unknown option", ["kev", "x", "--force"], "Unknown option '--force'"],
    ["a host that is not public", ["kev", "http://127.0.0.1:9/kev.json"], "expected a public host"],
  ])("ends with 2 for %s", async (_name, args, message) => {
    const { code, output, errors } = await runCommand(args);
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors).toContain(message);
  });

  test("names what is missing in its environment, and never the value", async () => {
    const { code, errors } = await runCommand(["kev", "x"], { DATABASE_URL: "mysql://user:secret@host/" });
    expect(code).toBe(2);
    expect(errors).toContain("DATABASE_URL");
    expect(errors).not.toContain("secret");
  });

  test("ends with 1 when the database does not answer", async () => {
    const path = await write("brent.csv", "Date,Price\n2020-01-02,60\n");
    const { code, errors } = await runCommand(["brent", path], {
      DATABASE_URL: "postgres://a:b@127.0.0.1:9/atlas",
    });
    expect(code).toBe(1);
    expect(errors).toBe("The import failed: Can't reach database server at 127.0.0.1:9\n");
  });
});

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { DATABASE_URL: database.urlOf("intelligence") },
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
  const child = spawn(process.execPath, [compiled("subgraphs/intelligence/jobs/importCommand.js"), ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output, errors })));
}
