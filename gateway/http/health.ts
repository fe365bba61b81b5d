/**
 * `/health/live`: the process answers. `/health/ready`: it should get requests. A subgraph that is down does not make
 * the gateway unready: the rest of the graph still answers, and taking every gateway away would turn part into nothing.
 */
import type { FastifyInstance } from "fastify";
import type { DecisionLogHealth } from "../decisionLog/createDecisionLog.ts";
import type { ShadowStatus } from "../policies/shadow/followShadow.ts";
import type { ProbeSubgraphs } from "./probeSubgraphs.ts";

export type Health = {
  readonly region: string;
  readonly supergraph: () => SupergraphHealth;
  /** Undefined when the supergraph demands no policies and none were given. */
  readonly policies: (() => PolicyHealth) | undefined;
  /** Undefined when nothing is configured as a shadow. Nobody is served by it, so it makes nothing degraded. */
  readonly shadow: (() => Pick<ShadowStatus, "bundle" | "problem">) | undefined;
  /** Undefined when none are recorded. */
  readonly decisions: (() => DecisionLogHealth) | undefined;
  readonly probeSubgraphs: ProbeSubgraphs;
  readonly isDraining: () => boolean;
};

/** Why a newer version is not served. */
export type SourceProblem = { readonly since: string; readonly text: string };

export type SupergraphHealth = {
  /** What is served. */
  readonly id: string;
  readonly problem: SourceProblem | undefined;
  /** Subgraphs that were to tell their schema and did not; `servedBy` is what the graph has of them. */
  readonly absent: readonly { readonly name: string; readonly servedBy: string }[];
};

export type PolicyHealth = {
  readonly revision: string;
  readonly digest: string;
  readonly problem: SourceProblem | undefined;
};

export function serveHealth(app: FastifyInstance, health: Health): void {
  app.get("/health/live", () => ({ status: "alive" }));

  app.get("/health/ready", async (_request, reply) => {
    const subgraphs = await health.probeSubgraphs();
    const [supergraph, policies] = [health.supergraph(), health.policies?.()];
    const decisions = health.decisions?.();
    const shadow = health.shadow?.();
    const isDegraded =
      (supergraph.problem ?? policies?.problem ?? decisions?.problem) !== undefined ||
      supergraph.absent.length > 0 ||
      Object.values(subgraphs).some(({ state }) => state === "down");
    const status = health.isDraining() ? "draining" : isDegraded ? "degraded" : "ready";
    reply.code(status === "draining" ? 503 : 200).header("cache-control", "no-store");
    return {
      status,
      region: health.region,
      supergraph,
      policies: policies ?? null,
      shadowPolicies: shadow ? { ...shadow.bundle, problem: shadow.problem } : null,
      decisions: decisions ?? null,
      subgraphs,
    };
  });
}
