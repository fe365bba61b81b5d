/** `npm run webhook:register` as a process of its own. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compiled } from "../../../infra/local/paths.ts";
import { insertSource } from "../../../test/support/insertSignals.ts";
import { buildOnce, startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { deriveWebhookKey } from "../ingest/verifySignature.ts";

const masterKey = randomBytes(32);
let database: TestDatabase;

beforeAll(async () => {
  await buildOnce();
  database = await startDatabase({ from: "migrated" });
  await insertSource(database, "harbour-watch");
}, 180_000);
afterAll(async () => database?.[Symbol.asyncDispose]());

test("prints the same key until it is rotated, and then takes the one before for another day", async () => {
  const args = ["harbour", "--tenant", "acme", "--source", "harbour-watch"];
  const keyOf = (version: number) => deriveWebhookKey(masterKey, "harbour", version).toString("hex");
  expect(await run(...args)).toMatchObject({ code: 0, said: expect.stringContaining(keyOf(1)) });
  expect(await run(...args)).toMatchObject({ code: 0, said: expect.stringContaining(keyOf(1)) });
  expect(await run(...args, "--rotate")).toMatchObject({ code: 0, said: expect.stringContaining(keyOf(2)) });
  const [row] = await database.query(
    "SELECT key_version, old_key_until > now() + interval '23 hours' AS is_old_taken FROM intelligence.webhook",
  );
  expect(row).toEqual({ key_version: 2, is_old_taken: true });
});

test.each([
  [["harbour", "--tenant", "other", "--source", "harbour-watch"], "expected harbour to stay with its tenant"],
  [["port", "--tenant", "acme", "--source", "nobody"], "expected a source that is registered"],
  [["Port!", "--tenant", "acme", "--source", "harbour-watch"], "code: "],
  [["port"], "tenant: "],
])("%j is refused, with what was expected", async (args, reason) => {
  expect(await run(...args)).toMatchObject({ code: 2, said: expect.stringContaining(reason) });
});

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const script = compiled("subgraphs/intelligence/jobs/registerWebhookCommand.js");
  const env = {
    ...process.env,
    DATABASE_URL: database.urlOf("intelligence"),
    ATLAS_WEBHOOK_KEY: masterKey.toString("base64url"),
  };
  return promisify(execFile)(process.execPath, [script, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { readonly code: number; readonly stderr: string }) => ({ code, said: stderr }),
  );
}
