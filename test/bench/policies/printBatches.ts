/**
 * A thousand loaded rows decided in one batch, in this process: from the data of an answer to what becomes of each row. No
 * batch comes twice, so that nothing is remembered. The worst case is one that Atlas' own rules cannot meet: every row
 * different to every rule.
 */
import { resolve } from "node:path";
import { buildSchema } from "graphql";
import { createDecideObjects } from "../../../gateway/stages/decideObjects.ts";
import { createAnonymousCaller } from "../../../gateway/stages/identifyCaller.ts";
import { findGuardedObjects } from "../../../gateway/stages/objects/guardedObjects.ts";
import { tableTypes } from "../../../policies/cases/readTables.ts";
import { loadPolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";

const rowsOfBatch = 1_000;
const batches = 200;
const warmUp = 50;
const now = Date.parse("2026-03-03T12:00:00Z");
const hourMs = 3_600_000;
const markings = ["CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"];
const residencies = ["GLOBAL", "US", "EU", "BR", "AP"];

const schema = buildSchema(
  "type Query { signals: [Signal] } type Signal { marking: String residency: String observedAt: String latitude: Float }",
);
const classes = {
  classes: new Map([["Signal", tableTypes.Signal?.classes ?? {}]]),
  residentBy: new Map([["Signal", "residency"]]),
};
const caller = {
  ...createAnonymousCaller("us-east"),
  kind: "identified",
  subject: "somebody",
  tenant: "acme",
  roles: ["analyst"],
  clearance: "amber",
  purpose: "research",
  expiresAt: now,
} as const;

type Attributes = { readonly marking: string; readonly residency: string; readonly observedAt: string };

export async function printBatches(): Promise<void> {
  const trust = { kind: "unsigned" } as const;
  const bundle = await loadPolicyBundle(resolve("policies/bundle/atlas.tar.gz"), { trust });
  const guarded = findGuardedObjects(schema, classes, bundle.catalogue);
  const decide = createDecideObjects({
    guardedBy: () => guarded,
    environment: { profile: "production", region: "us-east", now: () => now },
    recordDecisions: () => undefined,
  });

  async function print(title: string, attributesOf: (row: number, batch: number) => Attributes) {
    const elapsed: number[] = [];
    const used: number[] = [];
    for (let batch = -warmUp; batch < batches; batch += 1) {
      const signals = Array.from({ length: rowsOfBatch }, (_, row) => {
        const { marking, residency, observedAt } = attributesOf(row, batch + warmUp);
        return {
          atlas__type: "Signal",
          atlas__marking: marking,
          atlas__residency: residency,
          atlas__age: observedAt,
        };
      });
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      const operation = { id: "bench", kind: "query", name: null } as const;
      await decide({ bundle, caller, data: { signals }, id: "bench", sequence: 1, operation });
      const wall = performance.now() - startedAt;
      const { user, system } = process.cpuUsage(cpu);
      if (batch < 0) continue;
      elapsed.push(wall);
      used.push((user + system) / 1_000);
    }
    const [p50, p95] = [quantile(elapsed, 0.5), quantile(elapsed, 0.95)];
    const cpu = `CPU p50 ${quantile(used, 0.5)} ms, p95 ${quantile(used, 0.95)} ms`;
    console.log(`1,000 rows in one batch, ${title}: p50 ${p50} ms, p95 ${p95} ms (${cpu})`);
  }

  await print("all different (5 markings, 5 residencies, a day and hour each of 3 years)", (row, batch) => ({
    marking: markings[row % 5] ?? "",
    residency: residencies[Math.floor(row / 5 + batch) % 5] ?? "",
    observedAt: new Date(now - (row * 26 + (batch % 24)) * hourMs - batch).toISOString(),
  }));
  await print("alike", (_row, batch) => ({
    marking: "AMBER",
    residency: "EU",
    observedAt: new Date(now - batch * 24 * hourMs).toISOString(),
  }));
  await print("each different to each rule (worst case)", (row, batch) => ({
    marking: `marking ${batch} ${row}`,
    residency: `residency ${batch} ${row}`,
    observedAt: new Date(now - row * 26 * hourMs).toISOString(),
  }));
}

function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2);
}
