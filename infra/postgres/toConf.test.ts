import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { replicationSettings } from "./settings.ts";
import { toConf } from "./toConf.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
}, 120_000);
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

test("every setting is one that this PostgreSQL has, within its range", async () => {
  const known = await database.query<{
    name: string;
    vartype: string;
    min_val: string;
    max_val: string;
    enumvals: string[];
  }>("SELECT name, vartype, min_val, max_val, enumvals FROM pg_settings WHERE name = ANY ($1)", [
    replicationSettings.map(({ name }) => name),
  ]);
  expect(known.map(({ name }) => name).sort()).toEqual(replicationSettings.map(({ name }) => name).sort());
  for (const { name, vartype, min_val, max_val, enumvals } of known) {
    const value = replicationSettings.find((setting) => setting.name === name)?.value ?? "";
    if (vartype === "enum") expect([name, enumvals.includes(value)]).toEqual([name, true]);
    if (vartype === "integer" && /^\d+$/.test(value))
      expect([name, Number(value) >= Number(min_val) && Number(value) <= Number(max_val)]).toEqual([
        name,
        true,
      ]);
  }
});

test("the file has each setting once, under its reason", () => {
  const conf = toConf();
  for (const { name, value, why } of replicationSettings)
    expect(conf).toContain(`# ${why}\n${name} = '${value}'`);
  expect(conf.match(/^\w+ = /gm)).toHaveLength(replicationSettings.length);
});
