/** Wires one gateway, top down: supergraph and policies, the stages, the transports, and how it stops. */
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { type RecordDecisions, recordNothing } from "../policies/runtime/decision.ts";
import { deriveSubjectKey } from "../policies/runtime/subjectHash.ts";
import type { GatewayConfig } from "./config.ts";
import { createAdmission } from "./createAdmission.ts";
import { createServing, type ServingOptions } from "./createServing.ts";
import { createDecisionLog, type DecisionLog } from "./decisionLog/createDecisionLog.ts";
import { createSendDecisions } from "./decisionLog/sendDecisions.ts";
import { AppError } from "./errors.ts";
import type { ExplainAccess } from "./explain/explainAccess.ts";
import { followSupergraph } from "./followSupergraph.ts";
import { createAllowOrigin } from "./http/allowOrigins.ts";
import { createAnswerRequest } from "./http/answerRequest.ts";
import { createHttpApp } from "./http/createHttpApp.ts";
import { mountDirectPath } from "./http/directPath.ts";
import { serveGraphQL } from "./http/fastifyAdapter.ts";
import { createGraphQLOverHttp } from "./http/graphqlOverHttp.ts";
import { serveHealth } from "./http/health.ts";
import { serveLandingPage } from "./http/landingPage.ts";
import { serveAccess } from "./http/serveAccess.ts";
import { serveGraphiql } from "./http/serveGraphiql.ts";
import { passIngest } from "./ingest/passIngest.ts";
import { createLiveRunner } from "./liveRunner.ts";
import { describeCause, type Log } from "./observability/log.ts";
import { createMetrics } from "./observability/metrics.ts";
import { startTelemetry } from "./observability/telemetry.ts";
import { createPolicySource } from "./policies/createPolicySource.ts";
import { type FollowedPolicies, followPolicies } from "./policies/followPolicies.ts";
import { createLivePolicies, type LivePolicies } from "./policies/livePolicies.ts";
import { openPolicies } from "./policies/openPolicies.ts";
import { type FollowedShadow, followShadow } from "./policies/shadow/followShadow.ts";
import { readFirst } from "./readFirst.ts";
import { createIdentifyCaller } from "./stages/identifyCaller.ts";
import { createContextSigner, deriveContextKey } from "./stages/signContext.ts";
import { createSubscribeSubgraph } from "./stages/subscribeSubgraph.ts";
import { StartError } from "./startError.ts";
import { createProtocol } from "./subscriptions/graphqlWs.ts";
import { serveWebSockets } from "./subscriptions/webSocketAdapter.ts";
import { createSupergraphSource } from "./supergraph/createSupergraphSource.ts";
import { createFindPolicy } from "./transport/transportPolicy.ts";

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
  const { profile, region, bodyBytesMax, forwardHeaders } = config;
  const isLocal = profile === "local";
  const telemetry = await startTelemetry(config.telemetry, createMetrics(), region);
  const { metrics, tracing } = telemetry;
  const { readTraceparent } = tracing;
  const stopping = new AbortController();
  const isDraining = () => stopping.signal.aborted;

  // What is served now, and what takes over when its source changes.
  const policies = await startPolicies({ config, log, metrics });
  const shadow = startShadow({ config, log, metrics });
  const decisionLog = startDecisionLog({ config, log, metrics });
  const identifyCaller = createIdentifyCaller({
    identity: config.identity.kind === "jwt" ? config.identity : undefined,
    region,
    onKeysUnavailable: (cause) => log.error({ cause: describeCause(cause) }, "issuer keys unavailable"),
  });
  const sign = config.contextSecret && createContextSigner(config.contextSecret);
  const findPolicy = createFindPolicy(config.subgraphTransport.base, config.subgraphTransport.changes);
  const subscribeSubgraph = createSubscribeSubgraph({ sign, findPolicy });
  const admission = await createAdmission({ config, log, metrics });
  const serving: ServingOptions = {
    config,
    policies: policies?.live.current,
    recordDecisions: tellAll([decisionLog?.record, shadow?.record]),
    assertRecordable: decisionLog?.assertRoom ?? (() => undefined),
    identifyCaller,
    admission,
    subscribeSubgraph,
    sign,
    log,
    metrics,
    tracing,
  };
  const source = createSupergraphSource(config.supergraph, {
    routingUrls: config.routingUrls,
    environment,
    cacheFolder: config.supergraphCache,
  });
  const first = await createServing(await readFirst(source, config.supergraphWaitMs, log), serving);
  const live = createLiveRunner({
    first,
    onClosed: ({ supergraph: { id } }) => log.info({ supergraphId: id }, "old supergraph closed"),
    onMoved: (moved) => {
      metrics.subscriptionsMoved(moved);
      log.info(moved, "subscriptions moved");
    },
  });
  policies?.live.onFitting((next) => live.current().assertFits(next));
  const runner = tracing.traceRunner(live.runner);
  policies?.live.onSwapped(live.reconsider);
  const followed = followSupergraph({ ...serving, source, live });

  // The transports.
  const allowOrigin = createAllowOrigin(profile, config.corsOrigins);
  const app = await createHttpApp({ bodyBytesMax, allowOrigin, isDraining, log });
  const answer = createGraphQLOverHttp({
    runner,
    stopping: stopping.signal,
    onStream: metrics.subscriptionOpened,
    batchMax: config.batchMax,
  });
  const { answerRequest, inFlight } = createAnswerRequest({
    answer,
    forwardHeaders,
    log,
    metrics,
    readTraceparent,
    trustedProxies: config.trustedProxies,
    compressBytesMin: config.compressBytesMin,
  });
  serveGraphQL(app, answerRequest, isDraining);
  mountDirectPath(app.server, { answerRequest, bodyBytesMax, isDraining, log });
  const protocol = createProtocol({
    runner,
    schema: first.engine.schema,
    forwardHeaders,
    log,
    metrics,
    readTraceparent,
  });
  const sockets = serveWebSockets(app.server, {
    protocol,
    allowOrigin,
    messageBytesMax: bodyBytesMax,
    isDraining,
    trustedProxies: config.trustedProxies,
    log,
    metrics,
  });

  const closeIngest = passIngest(app, {
    identifyCaller,
    limitRate: admission.limitRate,
    target: () => live.current().ingest,
    sign,
    trustedProxies: config.trustedProxies,
    log,
    metrics,
  });

  // What people and machines ask of the gateway itself.
  const probeSubgraphs = () => live.current().probeSubgraphs();
  serveHealth(app, {
    region,
    supergraph: followed.health,
    policies: policies?.followed.health,
    shadow: shadow?.status,
    decisions: decisionLog?.health,
    probeSubgraphs,
    isDraining,
  });
  app.get("/metrics", async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  if (config.contextSecret) {
    const explain: ExplainAccess = (request) => live.current().explainAccess(request);
    const contextKey = deriveContextKey(config.contextSecret, "compliance");
    serveAccess(app, { explain, shadow: shadow?.status, contextKey });
  }
  if (isLocal) serveGraphiql(app);
  serveLandingPage(app, { region, hasIdentity: config.identity.kind === "jwt", hasExplorer: isLocal });

  const url = await listen(app, config);
  log.info(
    {
      url,
      supergraphId: first.supergraph.id,
      subgraphs: first.supergraph.subgraphs.map(({ name }) => name),
      policies: policies?.live.current().revision,
    },
    "gateway listening",
  );

  async function drain(): Promise<void> {
    log.info({ inFlight: inFlight.count() }, "gateway draining");
    stopping.abort(new AppError("SHUTTING_DOWN", 503, "This gateway is stopping; subscribe at another one."));
    const deadline = sleep(config.drainTimeoutMs, undefined, { ref: false });
    await Promise.all([sockets.close(config.drainTimeoutMs), Promise.race([inFlight.settled(), deadline])]);
    app.server.closeAllConnections();
    await app.close();
    await closeIngest();
    await Promise.all([followed.close(), policies?.followed.close(), shadow?.close()]);
    await live.close();
    await subscribeSubgraph.close();
    admission.close();
    await decisionLog?.close();
    await telemetry.close();
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

type RunningPolicies = { readonly live: LivePolicies; readonly followed: FollowedPolicies };

async function startPolicies({
  config: { policies: config },
  log,
  metrics,
}: Pick<ServingOptions, "config" | "log" | "metrics">): Promise<RunningPolicies | undefined> {
  if (config.kind === "off") return undefined;
  const source = createPolicySource(config.source);
  const live = createLivePolicies(await openPolicies({ config, source, log }));
  return { live, followed: followPolicies({ config, source, live, log, metrics }) };
}

function startDecisionLog({
  config: { decisionLog: config, region },
  log,
  metrics,
}: Pick<ServingOptions, "config" | "log" | "metrics">): DecisionLog | undefined {
  if (config.kind === "off") return undefined;
  const contextKey = deriveContextKey(config.contextSecret, "compliance");
  const send = createSendDecisions({ url: config.url, contextKey });
  const subjectKey = deriveSubjectKey(contextKey);
  return createDecisionLog({ region, subjectKey, send, queueMax: config.queueMax, log, metrics });
}

function startShadow({
  config: { policies: config },
  log,
  metrics,
}: Pick<ServingOptions, "config" | "log" | "metrics">): FollowedShadow | undefined {
  if (config.kind === "off" || config.shadow === undefined) return undefined;
  const { trust, pollMs } = config;
  return followShadow({ source: createPolicySource(config.shadow), trust, pollMs, log, metrics });
}

function tellAll(recorders: readonly (RecordDecisions | undefined)[]): RecordDecisions {
  const told = recorders.filter((recorder) => recorder !== undefined);
  const [only, ...others] = told;
  if (!only) return recordNothing;
  return others.length === 0 ? only : (decisions) => told.forEach((tell) => void tell(decisions));
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
