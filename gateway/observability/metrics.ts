/** Prometheus metrics of one gateway. Labels come from closed lists; operation text and names never become one. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { gatewayErrorCodes } from "../errors.ts";

export type Metrics = ReturnType<typeof createMetrics>;
export type Transport = "http" | "sse" | "websocket";

const knownCodes: ReadonlySet<string> = new Set(gatewayErrorCodes);
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10];

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: "atlas_gateway_requests_total",
    help: "GraphQL requests answered, by transport, kind of operation and HTTP status.",
    labelNames: ["transport", "kind", "status"],
    registers,
  });
  const durations = new Histogram({
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
  const subgraphDurations = new Histogram({
    name: "atlas_gateway_subgraph_call_duration_seconds",
    help: "Time of one call to a subgraph, by subgraph and outcome (ok or an error code).",
    labelNames: ["subgraph", "outcome"],
    buckets: durationBuckets,
    registers,
  });
  const caches = new Counter({
    name: "atlas_gateway_cache_lookups_total",
    help: "Look-ups in the caches of checked documents and of plans, by result.",
    labelNames: ["cache", "result"],
    registers,
  });
  const supergraphs = new Counter({
    name: "atlas_gateway_supergraph_changes_total",
    help: "Changes of the supergraph's source: swapped, or refused because it is broken or cannot be served.",
    labelNames: ["result"],
    registers,
  });
  const subscriptions = new Gauge({
    name: "atlas_gateway_active_subscriptions",
    help: "Subscriptions that are open now, by transport.",
    labelNames: ["transport"],
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
      requests.inc({ transport, kind: kind ?? "none", status });
      if (kind !== "subscription") durations.observe({ kind: kind ?? "none" }, durationMs / 1000);
    },
    errorsAnswered(codes: readonly string[]): void {
      for (const code of codes) errors.inc({ code: knownCodes.has(code) ? code : "OTHER" });
    },
    subgraphCalled(subgraph: string, outcome: string, durationMs: number): void {
      subgraphDurations.observe({ subgraph, outcome }, durationMs / 1000);
    },
    cacheAsked(cache: "document" | "plan", result: "hit" | "miss"): void {
      caches.inc({ cache, result });
    },
    supergraphRead(result: "swapped" | "refused"): void {
      supergraphs.inc({ result });
    },
    /** Returns the function that counts it out again. */
    subscriptionOpened(transport: Transport): () => void {
      subscriptions.inc({ transport });
      return () => subscriptions.dec({ transport });
    },
    socketOpened(): () => void {
      sockets.inc();
      return () => sockets.dec();
    },
  };
}
