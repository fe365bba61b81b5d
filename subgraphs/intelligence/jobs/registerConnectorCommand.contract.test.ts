/** `npm run connector:register` as a process of its own. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compiled } from "../../../infra/local/paths.ts";
import { buildOnce, startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";

let database: TestDatabase;

beforeAll(async () => {
  await buildOnce();
  database = await startDatabase({ from: "migrated" });
}, 180_000);
afterAll(async () => database?.[Symbol.asyncDispose]());

test("a feed that is known by name is fetched from now on, and changed by registering it again", async () => {
  expect(await run("kev")).toEqual({ code: 0, said: "kev is fetched every 3600 s from now on\n" });
  expect(await run("kev", "--every", "600", "--url", "https://mirror.example/kev.json")).toMatchObject({
    code: 0,
  });
  expect(
    await database.query(
      "SELECT code, source_code, importer, url, every_seconds FROM intelligence.connector",
    ),
  ).toEqual([
    {
      code: "kev",
      source_code: "cisa-kev",
      importer: "kev",
      url: "https://mirror.example/kev.json",
      every_seconds: 600,
    },
  ]);
});

test.each([
  [["constructor"], "expected one of kev, usgs"],
  [["feed", "--code", "port-news"], "--url: "],
  [["feed", "--code", "port-news", "--url", "https://a.example"], "expected a source that is registered"],
  [["usgs", "--source", "cisa-kev"], "expected the source usgs-earthquakes"],
  [["usgs", "--every", "5"], "--every: "],
  [["usgs", "--url", "file:///etc/passwd"], "--url: "],
])("%j is refused, with what was expected", async (args, reason) => {
  expect(await run(...args)).toMatchObject({ code: 2, said: expect.stringContaining(reason) });
});

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const script = compiled("subgraphs/intelligence/jobs/registerConnectorCommand.js");
  const env = { ...process.env, DATABASE_URL: database.urlOf("intelligence") };
  return promisify(execFile)(process.execPath, [script, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { readonly code: number; readonly stderr: string }) => ({ code, said: stderr }),
  );
}
