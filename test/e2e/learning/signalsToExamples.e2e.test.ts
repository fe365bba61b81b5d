/** From a signal's row to an example that models learn from: outbox, relay, event log and jobs are all the real ones. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { insertSignals, insertSource } from "../../support/insertSignals.ts";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { startSubgraph } from "../../support/startSubgraph.ts";

const disposer = createDisposer();
let database: TestDatabase;

beforeAll(async () => {
  database = disposer.use(await startDatabase({ from: "migrated" }));
  await insertSource(database, "analyst");
  // The relay is the intelligence subgraph's.
  disposer.use(await startSubgraph("intelligence", database));
  disposer.use(await startSubgraph("ml", database));
}, 120_000);
afterAll(async () => disposer[Symbol.asyncDispose]());

type Fact = { residency: string; country_code: string | null; severity: number | null; gone: boolean };

const factsOf = (id: string) =>
  database.query<Fact>("SELECT residency, country_code, severity, gone FROM ml.signal_fact WHERE id = $1", [
    id,
  ]);
const examplesOf = (country: string) =>
  database.query<{ part: string; residency: string; label: number }>(
    "SELECT part, residency, label FROM ml.training_example WHERE subject_key = $1 ORDER BY observed_at, residency",
    [country],
  );

/** A minute: two processes and their polls on a busy machine. */
async function until<Value>(ask: () => Promise<Value>, isRight: (value: Value) => boolean): Promise<Value> {
  for (const giveUpAt = Date.now() + 60_000; ; await sleep(100)) {
    const value = await ask();
    if (isRight(value)) return value;
    if (Date.now() > giveUpAt)
      throw new Error(`waited a minute; the last look found ${JSON.stringify(value)}`);
  }
}

const at = (day: string) => ({ observed_at: `2024-${day}T12:00:00.000Z`, tenant: "public" });

describe("signals", () => {
  test("become facts and examples with the label of what followed; a correction changes both", async () => {
    const [early, late] = await insertSignals(database, [
      { ...at("03-01"), country_code: "PT", severity: 0.2 },
      { ...at("03-28"), country_code: "PT", severity: 0.3 },
    ]);
    await until(
      () => examplesOf("PT"),
      (examples) => examples.length > 12 && examples.every(({ label }) => label === 0),
    );
    expect(await factsOf(early?.id ?? "")).toEqual([
      { residency: "global", country_code: "PT", severity: 0.2, gone: false },
    ]);
    await database.query("UPDATE intelligence.signal SET severity = 0.9 WHERE id = $1", [late?.id]);
    const examples = await until(
      () => examplesOf("PT"),
      (rows) => rows.some(({ label }) => label === 1),
    );
    expect(examples.every(({ part, residency }) => part === "BY_TIME" && residency === "global")).toBe(true);
  });

  test("that are taken back or deleted are forgotten, and their examples with them", async () => {
    const [revoked, deleted] = await insertSignals(database, [
      { ...at("05-01"), country_code: "IS", severity: 0.2 },
      { ...at("05-02"), country_code: "IS", severity: 0.2 },
    ]);
    await until(
      () => examplesOf("IS"),
      (examples) => examples.length > 0,
    );
    await database.query("UPDATE intelligence.signal SET revoked = true WHERE id = $1", [revoked?.id]);
    await database.query("DELETE FROM intelligence.signal WHERE id = $1", [deleted?.id]);
    await until(
      () => examplesOf("IS"),
      (examples) => examples.length === 0,
    );
    for (const signal of [revoked, deleted])
      expect(await factsOf(signal?.id ?? "")).toEqual([
        { residency: "global", country_code: null, severity: null, gone: true },
      ]);
  });

  test("that are resident make examples that are resident", async () => {
    await insertSignals(database, [
      { ...at("07-01"), country_code: "FI", severity: 0.2 },
      { ...at("07-02"), country_code: "FI", severity: 0.9, residency: "eu" },
    ]);
    const examples = await until(
      () => examplesOf("FI"),
      (rows) => rows.some(({ residency }) => residency === "eu"),
    );
    expect(new Set(examples.map(({ part, residency }) => `${part} ${residency}`))).toEqual(
      new Set(["HOLD_OUT global", "TRAIN eu"]),
    );
  });

  test("of one tenant, or about no country, teach no model", async () => {
    const [own, placeless, last] = await insertSignals(database, [
      { ...at("08-01"), tenant: "acme", country_code: "NO" },
      { ...at("08-01"), country_code: null },
      { ...at("08-01"), country_code: "SE" },
    ]);
    await until(
      () => factsOf(last?.id ?? ""),
      (facts) => facts.length === 1,
    );
    expect(await examplesOf("NO")).toEqual([]);
    expect([await factsOf(own?.id ?? ""), await factsOf(placeless?.id ?? "")]).toEqual([[], []]);
  });
});
