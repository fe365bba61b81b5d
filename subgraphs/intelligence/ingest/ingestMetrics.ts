/** Prometheus metrics of ingestion in this process; the counts of all processes are in the graph. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { OutcomeCount } from "../db/ingest.ts";
import type { IngestLag } from "./listLag.ts";
import type { Pressure } from "./pressure.ts";

export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

type Sources = {
  readonly pressure: Pick<Pressure, "bytes" | "outboxRows">;
  readonly listLag: () => Promise<readonly IngestLag[]>;
  /** Of the whole region. */
  readonly findTallies: () => Promise<readonly OutcomeCount[]>;
};

export function createIngestMetrics({ pressure, listLag, findTallies }: Sources) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "atlas_ingest_requests_total",
    help: "Requests to /ingest/v1/signals, by HTTP status.",
    labelNames: ["status"],
    registers,
  });
  const records = new Counter({
    name: "atlas_ingest_records_total",
    help: "Records of sources, by what became of them: accepted or refused at the door.",
    labelNames: ["result"],
    registers,
  });
  const delays = new Histogram({
    name: "atlas_ingest_to_query_seconds",
    help: "Time from the acceptance of a signal to when queries see it.",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  new Gauge({
    name: "atlas_ingest_held_bytes",
    help: "Bytes of requests under way; above the limit new requests get 429.",
    registers,
    collect() {
      this.set(pressure.bytes());
    },
  });
  new Gauge({
    name: "atlas_ingest_outbox_rows",
    help: "Rows that wait for the relay, counted up to twice the limit above which requests get 429.",
    registers,
    collect() {
      this.set(pressure.outboxRows());
    },
  });
  new Gauge({
    name: "atlas_ingest_lag_records",
    help: "Records that the group which stores signals has yet to read, by topic and partition.",
    labelNames: ["topic", "partition"],
    registers,
    async collect() {
      // Away: no number is better than an old one.
      const lags = await listLag().catch(() => []);
      this.reset();
      for (const { topic, partition, records: behind } of lags) this.set({ topic, partition }, behind);
    },
  });

  new Counter({
    name: "atlas_ingest_outcomes_total",
    help: "What became of records in this region, by outcome and reason: counted in the database, the same from every process.",
    labelNames: ["outcome", "reason"],
    registers,
    async collect() {
      const counts = await findTallies().catch(() => []);
      this.reset();
      for (const { outcome, reason, count } of counts) this.inc({ outcome, reason }, count);
    },
  });

  return {
    registry,
    answered(status: number, accepted: number, refused: number): void {
      requests.inc({ status });
      records.inc({ result: "accepted" }, accepted);
      records.inc({ result: "refused" }, refused);
    },
    stored(seconds: readonly number[]): void {
      for (const second of seconds) delays.observe(second);
    },
  };
}
