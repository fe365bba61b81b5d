/**
 * `/health/live`: the process answers. `/health/ready`: it should get requests. A subgraph that is down does not make
 * the gateway unready: the rest of the graph still answers, and taking every gateway away would turn part into nothing.
 */
import type { FastifyInstance } from "fastify";
import type { ProbeSubgraphs } from "./probeSubgraphs.ts";

export type Health = {
  readonly region: string;
  readonly supergraph: () => SupergraphHealth;
  /** Undefined when the supergraph demands no policies and none were given. */
  readonly policies: { readonly revision: string; readonly digest: string } | undefined;
  readonly probeSubgraphs: ProbeSubgraphs;
  readonly isDraining: () => boolean;
};

export type SupergraphHealth = {
  /** What is served. */
  readonly id: string;
  /** Why a newer one is not. */
  readonly problem: { readonly since: string; readonly text: string } | undefined;
};

export function serveHealth(app: FastifyInstance, health: Health): void {
  app.get("/health/live", () => ({ status: "alive" }));

  app.get("/health/ready", async (_request, reply) => {
    const subgraphs = await health.probeSubgraphs();
    const { problem } = health.supergraph();
    const isDegraded =
      problem !== undefined || Object.values(subgraphs).some(({ state }) => state === "down");
    const status = health.isDraining() ? "draining" : isDegraded ? "degraded" : "ready";
    reply.code(status === "draining" ? 503 : 200).header("cache-control", "no-store");
    return {
      status,
      region: health.region,
      supergraph: health.supergraph(),
      policies: health.policies ?? null,
      subgraphs,
    };
  });
}
