/** Wires one gateway, top down: supergraph and policies, the stages, the transports, and how it stops. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { loadPolicyBundle, type PolicyBundle } from "../policies/runtime/loadPolicyBundle.ts";
import { assertEnforceable } from "./assertEnforceable.ts";
import type { GatewayConfig } from "./config.ts";
import { createEngine } from "./engine/createEngine.ts";
import { AppError } from "./errors.ts";
import { createAllowOrigin } from "./http/allowOrigins.ts";
import { createHttpApp } from "./http/createHttpApp.ts";
import { serveGraphQL } from "./http/fastifyAdapter.ts";
import { createGraphQLOverHttp } from "./http/graphqlOverHttp.ts";
import { serveHealth } from "./http/health.ts";
import { serveLandingPage } from "./http/landingPage.ts";
import { createProbeSubgraphs } from "./http/probeSubgraphs.ts";
import { serveGraphiql } from "./http/serveGraphiql.ts";
import { describeCause, type Log } from "./observability/log.ts";
import { createMetrics } from "./observability/metrics.ts";
import { continueTrace } from "./observability/trace.ts";
import { createOperationRunner } from "./runOperation.ts";
import { createAdmitOperation } from "./stages/admitOperation.ts";
import { createAuthorizeFields } from "./stages/authorizeFields.ts";
import { type CallOptions, createCallSubgraph, type SubgraphCallOutcome } from "./stages/callSubgraph.ts";
import { createAnonymousCaller, createIdentifyCaller } from "./stages/identifyCaller.ts";
import { createMaskErrors } from "./stages/maskErrors.ts";
import { createPlanOperation } from "./stages/planOperation.ts";
import { createContextSigner } from "./stages/signContext.ts";
import type { SubgraphCallContext } from "./stages/subgraphHeaders.ts";
import { createSubscribeSubgraph } from "./stages/subscribeSubgraph.ts";
import { StartError } from "./startError.ts";
import { createProtocol } from "./subscriptions/graphqlWs.ts";
import { serveWebSockets } from "./subscriptions/webSocketAdapter.ts";
import { loadSupergraph } from "./supergraph/loadSupergraph.ts";
import { readSecurityRules } from "./supergraph/securityRules.ts";

export type GatewayOptions = {
  readonly config: GatewayConfig;
  /** For `${env.NAME}` in a supergraph.yaml; nothing else reads it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
};

export type RunningGateway = {
  /** Where it really listens, without a path. */
  readonly url: string;
  /** Drains: refuses what is new, lets finish what runs, within the configured time. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/** Throws a StartError, SupergraphError or PolicyError when this gateway must not serve. */
export async function startGateway({ config, environment, log }: GatewayOptions): Promise<RunningGateway> {
  const { profile, region, routingUrls, operationLimits, bodyBytesMax, forwardHeaders } = config;
  const isLocal = profile === "local";
  const metrics = createMetrics();
  const stopping = new AbortController();
  const isDraining = () => stopping.signal.aborted;

  // What is served, and under which rules.
  const supergraph = await loadSupergraph(config.supergraph, { routingUrls, environment });
  const rules = readSecurityRules(supergraph);
  const policies = await loadPolicies(config);
  if (!policies) assertEnforceable(rules, config.supergraph);

  // The way to the subgraphs.
  const calls: CallOptions = {
    endpoints: new Map(supergraph.subgraphs.map(({ name, url }) => [name, url])),
    sign: config.contextSecret && createContextSigner(config.contextSecret),
    limits: config.subgraphLimits,
    onCalled: (call) => {
      metrics.subgraphCalled(call.subgraph, call.outcome, call.durationMs);
      logFailedCall(log, call);
    },
  };
  const callSubgraph = createCallSubgraph(calls);
  const subscribeSubgraph = createSubscribeSubgraph(calls);
  const transport = { request: callSubgraph.request, subscribe: subscribeSubgraph.subscribe };

  // The stages of an operation.
  const engine = createEngine<SubgraphCallContext>({ supergraph, transport, namesSubgraphs: isLocal });
  const { schema } = engine;
  const runner = createOperationRunner({
    engine,
    identifyCaller: createIdentifyCaller({
      identity: config.identity.kind === "jwt" ? config.identity : undefined,
      region,
      onKeysUnavailable: (cause) => log.error({ cause: describeCause(cause) }, "issuer keys unavailable"),
    }),
    admitOperation: createAdmitOperation({
      schema,
      limits: operationLimits,
      suggestions: isLocal,
      onCache: (result) => metrics.cacheAsked("document", result),
    }),
    authorizeFields: createAuthorizeFields({ schema, rules, policies }),
    planOperation: createPlanOperation(engine),
    maskErrors: createMaskErrors({
      keepText: isLocal,
      onMasked: ({ requestId, code, cause }) =>
        log.error({ requestId, codes: [code], cause: describeCause(cause) }, "error masked"),
    }),
  });

  // The transports.
  const allowOrigin = createAllowOrigin(profile, config.corsOrigins);
  const app = await createHttpApp({ bodyBytesMax, allowOrigin, isDraining, log });
  const answer = createGraphQLOverHttp({
    runner,
    stopping: stopping.signal,
    onStream: () => metrics.subscriptionOpened("sse"),
  });
  const inFlight = serveGraphQL(app, { answer, forwardHeaders, log, metrics });
  const protocol = createProtocol({ runner, schema, forwardHeaders, log, metrics });
  const sockets = serveWebSockets(app.server, {
    protocol,
    allowOrigin,
    messageBytesMax: bodyBytesMax,
    isDraining,
    log,
    metrics,
  });

  // What people and machines ask of the gateway itself.
  const createProbeContext = (): SubgraphCallContext => ({
    caller: createAnonymousCaller(region),
    requestId: randomUUID(),
    traceparent: continueTrace(undefined),
    forwarded: {},
    operationId: randomUUID(),
    decisionId: randomUUID(),
  });
  const subgraphs = supergraph.subgraphs.map(({ name }) => name);
  const probeSubgraphs = createProbeSubgraphs({ subgraphs, transport, createContext: createProbeContext });
  serveHealth(app, { region, supergraphId: supergraph.id, policies, probeSubgraphs, isDraining });
  app.get("/metrics", async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  if (isLocal) serveGraphiql(app);
  serveLandingPage(app, { region, hasIdentity: config.identity.kind === "jwt", hasExplorer: isLocal });

  const url = await listen(app, config);
  log.info(
    { url, supergraphId: supergraph.id, subgraphs, policies: policies?.revision },
    "gateway listening",
  );

  async function drain(): Promise<void> {
    log.info({ inFlight: inFlight.count() }, "gateway draining");
    stopping.abort(new AppError("SHUTTING_DOWN", 503, "This gateway is stopping; subscribe at another one."));
    const deadline = sleep(config.drainTimeoutMs, undefined, { ref: false });
    await Promise.all([sockets.close(config.drainTimeoutMs), Promise.race([inFlight.settled(), deadline])]);
    app.server.closeAllConnections();
    await app.close();
    await Promise.all([callSubgraph.close(), subscribeSubgraph.close()]);
    log.info("gateway stopped");
  }

  let drained: Promise<void> | undefined;
  return {
    url,
    close: () => {
      drained ??= drain();
      return drained;
    },
  };
}

async function loadPolicies({ policies, profile }: GatewayConfig): Promise<PolicyBundle | undefined> {
  return policies === undefined ? undefined : loadPolicyBundle(policies, { profile });
}

function logFailedCall(
  log: Log,
  { subgraph, requestId, outcome, durationMs, cause }: SubgraphCallOutcome,
): void {
  if (outcome === "ok" || outcome === "cancelled") return;
  log.warn(
    { requestId, subgraph, codes: [outcome], durationMs, cause: describeCause(cause) },
    "subgraph call failed",
  );
}

async function listen(app: FastifyInstance, { host, port }: GatewayConfig): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE") {
      throw new StartError(
        `Port ${port} on ${host} is taken by another process. Stop it, or choose another port with --port or ATLAS_PORT.`,
        { cause },
      );
    }
    if (code === "EACCES" || code === "EADDRNOTAVAIL") {
      throw new StartError(
        `This process may not listen on ${host}:${port} (${code}). Choose another with --host and --port, or ATLAS_HOST and ATLAS_PORT.`,
        { cause },
      );
    }
    throw cause;
  }
}
