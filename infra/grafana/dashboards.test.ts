import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { createMetrics } from "../../gateway/observability/metrics.ts";
import { createIngestMetrics } from "../../subgraphs/intelligence/ingest/ingestMetrics.ts";

const text = readFileSync(new URL("./ingestion.json", import.meta.url), "utf8");

test("every metric that the dashboard asks for is offered by a process", async () => {
  const { registry } = createIngestMetrics({
    pressure: { bytes: () => 0, outboxRows: () => 0 },
    listLag: async () => [],
    findTallies: async () => [],
  });
  const offered = new Set(
    [registry, createMetrics().registry].flatMap((one) => one.getMetricsAsArray().map(({ name }) => name)),
  );
  const asked = expressionsOf(JSON.parse(text)).flatMap(
    (expression) => expression.match(/\b(atlas|process|nodejs)_[a-z_]+/g) ?? [],
  );
  // A histogram offers three series under its name.
  const missing = asked.filter(
    (name) => !offered.has(name) && !offered.has(name.replace(/_(bucket|sum|count)$/, "")),
  );
  expect(missing).toEqual([]);
  expect(new Set(asked).size).toBeGreaterThan(5);
});

function expressionsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(expressionsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === "expr" && typeof member === "string" ? [member] : expressionsOf(member),
  );
}
