/** Prometheus metrics of the record of decisions: counted in the database, the same from every process of the region. */
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Db } from "./db.ts";

const reasons = ["ENTRIES_MISSING", "HASH_MISMATCH", "QUEUE_FULL", "NOT_ENDED"];

export function createDecisionMetrics({ countGaps }: Pick<Db, "countGaps">): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const missing = new Gauge({
    name: "atlas_decisions_missing",
    help: "Decisions, or entries that were to have them, that are known to be missing on record, by reason.",
    labelNames: ["reason"],
    registers,
  });
  new Gauge({
    name: "atlas_decision_gaps",
    help: "Places where a chain of decisions does not tell everything, by reason. Any above 0 is a violation in the graph.",
    labelNames: ["reason"],
    registers,
    async collect() {
      // Away: no number is better than an old one.
      const gaps = await countGaps().catch(() => undefined);
      this.reset();
      missing.reset();
      for (const reason of gaps ? reasons : []) {
        const { count = 0, decisions = 0 } = gaps?.find((gap) => gap.reason === reason) ?? {};
        this.set({ reason }, count);
        missing.set({ reason }, decisions);
      }
    },
  });
  return registry;
}
