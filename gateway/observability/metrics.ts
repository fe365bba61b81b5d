/** Prometheus metrics of one gateway. Labels come from closed lists; operation text and names never become one. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { momentOf } from "../../policies/runtime/revision.ts";
import { gatewayErrorCodes } from "../errors.ts";
import type { CircuitState } from "../transport/circuitBreaker.ts";
import { createTalliedCounter, TalliedHistogram } from "./tallies.ts";

export type Metrics = ReturnType<typeof createMetrics>;
export type Transport = "http" | "sse" | "multipart" | "websocket";

const knownCodes: ReadonlySet<string> = new Set(gatewayErrorCodes);
const circuitNumbers: Readonly<Record<CircuitState, number>> = { closed: 0, "half-open": 1, open: 2 };
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10];

/** Codes of subgraphs that are not the gateway's own would make series without end. */
function labelOf(code: string): string {
  return knownCodes.has(code) ? code : "OTHER";
}

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = createTalliedCounter({
    name: "atlas_gateway_requests_total",
    help: "GraphQL requests answered, by transport, kind of operation and HTTP status.",
    labelNames: ["transport", "kind", "status"],
    registers,
  });
  const durations = new TalliedHistogram({
    name: "atlas_gateway_request_duration_seconds",
    help: "Time from a request to the end of its answer; subscriptions are not in it.",
    labelNames: ["kind"],
    buckets: durationBuckets,
    registers,
  });
  const errors = new Counter({
    name: "atlas_gateway_errors_total",
    help: "Errors in answers by code; codes of subgraphs that are not the gateway's own count as OTHER.",
    labelNames: ["code"],
    registers,
  });
  const subgraphDurations = new TalliedHistogram({
    name: "atlas_gateway_subgraph_call_duration_seconds",
    help: "Time of one call to a subgraph, by subgraph and outcome (ok or an error code).",
    labelNames: ["subgraph", "outcome"],
    buckets: durationBuckets,
    registers,
  });
  const circuits = new Gauge({
    name: "atlas_gateway_subgraph_circuit_state",
    help: "Whether a subgraph is called: 0 closed (it is), 1 half-open (one call tries), 2 open (it is not).",
    labelNames: ["subgraph"],
    registers,
  });
  const repeated = new Counter({
    name: "atlas_gateway_subgraph_repeated_total",
    help: "Requests to subgraphs beyond the first of a call, by kind: a retry after a failure, a hedge beside a slow one.",
    labelNames: ["subgraph", "kind"],
    registers,
  });
  const shared = new Counter({
    name: "atlas_gateway_subgraph_shared_total",
    help: "Calls that got the answer of an equal one of the same caller that was under way, by subgraph.",
    labelNames: ["subgraph"],
    registers,
  });
  const caches = createTalliedCounter({
    name: "atlas_gateway_cache_lookups_total",
    help: "Look-ups in the caches of checked documents, of plans and of persisted queries, by result.",
    labelNames: ["cache", "result"],
    registers,
  });
  const costs = new TalliedHistogram({
    name: "atlas_gateway_operation_cost",
    help: "Estimated cost of operations by kind, those that were refused for it included.",
    labelNames: ["kind"],
    buckets: [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000],
    registers,
  });
  const supergraphs = new Counter({
    name: "atlas_gateway_supergraph_changes_total",
    help: "Changes of the supergraph's source: swapped, or refused because it is broken or cannot be served.",
    labelNames: ["result"],
    registers,
  });
  const policies = new Counter({
    name: "atlas_gateway_policy_changes_total",
    help: "Changes of the policy bundle's source: swapped, or refused because it is not trusted, broken or older.",
    labelNames: ["result"],
    registers,
  });
  const policyRevision = new Gauge({
    name: "atlas_gateway_policy_revision_timestamp_seconds",
    help: "The moment in the revision of the policy bundle in force; 0 for an unsigned one, which has none.",
    registers,
  });
  const decisions = new Counter({
    name: "atlas_gateway_decisions_total",
    help: "Policy decisions by what became of them: kept on record, skipped because the policy samples, or lost.",
    labelNames: ["result"],
    registers,
  });
  const shadow = new Counter({
    name: "atlas_gateway_policy_shadow_decisions_total",
    help: "Decisions by what the shadow bundle says to the same: same, stricter, looser, other, failed, or skipped.",
    labelNames: ["result"],
    registers,
  });
  const shadowChanges = new Counter({
    name: "atlas_gateway_policy_shadow_changes_total",
    help: "Changes of the shadow bundle's source: swapped, or refused because it is not trusted, broken, or ended.",
    labelNames: ["result"],
    registers,
  });
  const decisionQueue = new Gauge({
    name: "atlas_gateway_decision_queue_length",
    help: "Policy decisions that wait to be put on record.",
    registers,
  });
  const subscriptions = new Gauge({
    name: "atlas_gateway_active_subscriptions",
    help: "Subscriptions that are open now, by transport.",
    labelNames: ["transport"],
    registers,
  });
  const movedSubscriptions = new Counter({
    name: "atlas_gateway_subscriptions_moved_total",
    help: "Subscriptions that ran when the supergraph changed: kept on their source, reopened at another, or ended.",
    labelNames: ["result"],
    registers,
  });
  const ingested = new Counter({
    name: "atlas_gateway_ingest_requests_total",
    help: "Requests to /ingest/v1/signals, by HTTP status.",
    labelNames: ["status"],
    registers,
  });
  const sockets = new Gauge({
    name: "atlas_gateway_websocket_connections",
    help: "WebSocket connections that are open now.",
    registers,
  });

  return {
    registry,
    requestAnswered(
      transport: Transport,
      kind: string | undefined,
      status: number,
      durationMs: number,
    ): void {
      requests.inc(transport, kind ?? "none", status);
      if (kind !== "subscription") durations.tally(durationMs / 1000, kind ?? "none");
    },
    errorsAnswered(codes: readonly string[]): void {
      for (const code of codes) errors.inc({ code: labelOf(code) });
    },
    labelOf,
    subgraphCalled(subgraph: string, outcome: string, durationMs: number): void {
      subgraphDurations.tally(durationMs / 1000, subgraph, outcome);
    },
    circuitChanged(subgraph: string, state: CircuitState): void {
      circuits.set({ subgraph }, circuitNumbers[state]);
    },
    subgraphRepeated(subgraph: string, kind: "retry" | "hedge"): void {
      repeated.inc({ subgraph, kind });
    },
    subgraphShared(subgraph: string): void {
      shared.inc({ subgraph });
    },
    cacheAsked(cache: "document" | "plan" | "persisted", result: "hit" | "miss"): void {
      caches.inc(cache, result);
    },
    costEstimated(kind: string, cost: number): void {
      costs.tally(cost, kind);
    },
    supergraphRead(result: "swapped" | "refused"): void {
      supergraphs.inc({ result });
    },
    policiesRead(result: "swapped" | "refused"): void {
      policies.inc({ result });
    },
    policiesServed(revision: string): void {
      policyRevision.set(momentOf(revision) / 1000 || 0);
    },
    decisionsRecorded({ kept, skipped, lost }: { kept: number; skipped: number; lost: number }): void {
      decisions.inc({ result: "kept" }, kept);
      decisions.inc({ result: "skipped" }, skipped);
      decisions.inc({ result: "lost" }, lost);
    },
    shadowRead(result: "swapped" | "refused"): void {
      shadowChanges.inc({ result });
    },
    shadowDecided(result: "same" | "stricter" | "looser" | "other" | "failed" | "skipped"): void {
      shadow.inc({ result });
    },
    decisionsQueued(count: number): void {
      decisionQueue.set(count);
    },
    /** Returns the function that counts it out again. */
    subscriptionOpened(transport: Transport): () => void {
      subscriptions.inc({ transport });
      return () => subscriptions.dec({ transport });
    },
    subscriptionsMoved(counts: Readonly<Record<"kept" | "reopened" | "ended", number>>): void {
      for (const [result, count] of Object.entries(counts)) movedSubscriptions.inc({ result }, count);
    },
    ingestAnswered(status: number): void {
      ingested.inc({ status });
    },
    socketOpened(): () => void {
      sockets.inc();
      return () => sockets.dec();
    },
  };
}
