/**
 * Everything of a gateway that belongs to one supergraph: its rules, the way to its subgraphs, its planner, its engine
 * and the stages over them. A new supergraph gets all of it anew, so nothing of the old one can leak into it.
 */
import { randomUUID } from "node:crypto";
import type { RecordDecisions } from "../policies/runtime/decision.ts";
import type { PolicyBundle } from "../policies/runtime/loadPolicyBundle.ts";
import { assertEnforceable } from "./assertEnforceable.ts";
import type { GatewayConfig } from "./config.ts";
import { createAccess } from "./createAccess.ts";
import type { Admission } from "./createAdmission.ts";
import { createCostLimit } from "./createCostLimit.ts";
import { createRegionalCalls } from "./createRegionalCalls.ts";
import { createEngine } from "./engine/createEngine.ts";
import type { Engine } from "./engine/engine.ts";
import { createPlannerPool } from "./engine/planning/createPlannerPool.ts";
import { createExplainAccess, type ExplainAccess } from "./explain/explainAccess.ts";
import { createGrantExplanation } from "./explainAnswer.ts";
import { createProbeSubgraphs, type ProbeSubgraphs } from "./http/probeSubgraphs.ts";
import { createAuthorizeIngest } from "./ingest/authorizeIngest.ts";
import type { IngestTarget } from "./ingest/passIngest.ts";
import { describeCause, type Log } from "./observability/log.ts";
import type { Metrics } from "./observability/metrics.ts";
import { continueTrace } from "./observability/trace.ts";
import type { Tracing } from "./observability/tracing.ts";
import { type BindingRunner, createOperationRunner, type OperationStages } from "./runOperation.ts";
import { createAdmitOperation } from "./stages/admitOperation.ts";
import { type CallSubgraph, createCallSubgraph, type SubgraphCallOutcome } from "./stages/callSubgraph.ts";
import { createChooseOverrides } from "./stages/chooseOverrides.ts";
import { type Caller, createAnonymousCaller } from "./stages/identifyCaller.ts";
import { createMaskErrors } from "./stages/maskErrors.ts";
import { createPlanOperation } from "./stages/planOperation.ts";
import type { SignContext } from "./stages/signContext.ts";
import type { SubgraphCallContext } from "./stages/subgraphHeaders.ts";
import type { SubscribeSubgraph } from "./stages/subscribeSubgraph.ts";
import { createToSubscriptionSource } from "./subscriptions/toSubscriptionSource.ts";
import type { Supergraph } from "./supergraph/supergraph.ts";
import { createFindPolicy } from "./transport/transportPolicy.ts";

export type ServingOptions = {
  readonly config: GatewayConfig;
  /** The bundle in force. */
  readonly policies: (() => PolicyBundle) | undefined;
  readonly recordDecisions: RecordDecisions;
  /** Throws DECISION_LOG_FULL. */
  readonly assertRecordable: () => void;
  readonly identifyCaller: (request: { authorization: string | undefined }) => Promise<Caller>;
  readonly admission: Admission;
  /** Holds the subgraphs' subscriptions, which outlive a supergraph. */
  readonly subscribeSubgraph: Pick<SubscribeSubgraph, "subscribe">;
  readonly sign: SignContext | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
};

export type Serving = {
  readonly supergraph: Supergraph;
  readonly engine: Pick<Engine<SubgraphCallContext>, "schema" | "mostUsed" | "warmUp">;
  readonly runner: BindingRunner;
  readonly probeSubgraphs: ProbeSubgraphs;
  readonly explainAccess: ExplainAccess;
  /** Where signals are sent on to; undefined when this supergraph records none. */
  readonly ingest: IngestTarget | undefined;
  /** Throws when these policies cannot decide about this supergraph. */
  readonly assertFits: (bundle: PolicyBundle) => void;
  /** Waits for calls under way. Only when nothing runs on it any more. */
  readonly close: () => Promise<void>;
};

/** Stores what is sent to /ingest/v1/signals. */
const ingestSubgraph = "intelligence";

/** Throws when this supergraph must not be served, or its planner does not start. */
export async function createServing(supergraph: Supergraph, options: ServingOptions): Promise<Serving> {
  const {
    config,
    policies,
    recordDecisions,
    assertRecordable,
    identifyCaller,
    admission,
    subscribeSubgraph,
    log,
    metrics,
    tracing,
  } = options;
  const isLocal = config.profile === "local";
  const { security: rules, cost, classes, eventKeys } = supergraph.facts;
  if (!policies) assertEnforceable(rules, config.supergraph);

  // The way to the subgraphs.
  const endpoints = new Map(supergraph.subgraphs.map(({ name, url }) => [name, url]));
  const callAt = createCallAt(options);
  const callSubgraph = callAt(endpoints);
  const createContext = () => createProbeContext(config.region);
  const regional = createRegionalCalls({ config, local: callSubgraph, callAt, createContext });
  const transport = tracing.traceCalls(
    { request: regional.request, requestText: regional.requestText },
    endpoints,
  );

  // The engine, and the stages of an operation.
  const planner = createPlannerPool({ sdl: supergraph.sdl, ...config.planning });
  const engine = createEngine<SubgraphCallContext>({
    supergraph,
    transport,
    planner,
    namesSubgraphs: isLocal,
    onPlanLookUp: (result) => metrics.cacheAsked("plan", result),
  });
  const { schema } = engine;
  const toSource = createToSubscriptionSource(endpoints, subscribeSubgraph);
  const close = async () => {
    await Promise.all([planner.close(), regional.close(), callSubgraph.close()]);
  };
  const orClose = async (thrown: unknown): Promise<never> => {
    await close();
    throw thrown;
  };
  const accessOptions = {
    schema,
    rules,
    classes,
    eventKeys,
    policies,
    environment: { profile: config.profile, region: config.region },
    recordDecisions,
    assertRecordable,
    secret: config.contextSecret,
  };
  // Policies and supergraph may not fit each other; planners are being started already.
  const access = await Promise.resolve(accessOptions).then(createAccess).catch(orClose);
  const stages: OperationStages = {
    engine,
    toSource,
    admission,
    costLimit: createCostLimit({ config, rules: cost, schema, metrics }),
    identifyCaller,
    admitOperation: createAdmitOperation({
      schema,
      limits: config.operationLimits,
      suggestions: isLocal,
      onCache: (result) => metrics.cacheAsked("document", result),
    }),
    access,
    chooseOverrides: createChooseOverrides(config.overrides, supergraph.facts.overrideLabels),
    planOperation: createPlanOperation(engine),
    grantExplanation: createGrantExplanation(isLocal),
    maskErrors: createMaskErrors({
      keepText: isLocal,
      onMasked: ({ requestId, code, cause }) =>
        log.error({ requestId, codes: [code], cause: describeCause(cause) }, "error masked"),
    }),
  };
  const runner = createOperationRunner(tracing.traceStages(stages));

  const authorizeIngest = createAuthorizeIngest(schema, access);
  const intelligence = endpoints.get(ingestSubgraph);
  const ingest: IngestTarget | undefined =
    authorizeIngest && intelligence !== undefined
      ? { subgraph: ingestSubgraph, url: intelligence, authorize: authorizeIngest }
      : undefined;

  await planner.ready.catch(orClose);
  const subgraphs = supergraph.subgraphs.map(({ name }) => name);
  const probeSubgraphs = createProbeSubgraphs({
    subgraphs,
    transport,
    circuitOf: callSubgraph.circuitOf,
    createContext,
  });
  const explainAccess = createExplainAccess({
    schema,
    rules,
    classes,
    policies,
    environment: { profile: config.profile, region: config.region },
    admitOperation: stages.admitOperation,
    engine,
    planOperation: stages.planOperation,
    assessCost: stages.costLimit.assess,
  });
  return {
    supergraph,
    engine,
    runner,
    probeSubgraphs,
    explainAccess,
    ingest,
    assertFits: access.assertFits,
    close,
  };
}

/** Calls of subgraphs at these URLs; those of another region are told apart by its name. */
function createCallAt({
  config,
  sign,
  log,
  metrics,
}: Pick<ServingOptions, "config" | "sign" | "log" | "metrics">): (
  endpoints: ReadonlyMap<string, string>,
  region?: string,
) => CallSubgraph {
  const findPolicy = createFindPolicy(config.subgraphTransport.base, config.subgraphTransport.changes);
  return (endpoints, region) => {
    const nameOf = (subgraph: string) => (region === undefined ? subgraph : `${subgraph}@${region}`);
    return createCallSubgraph({
      endpoints,
      sign,
      findPolicy,
      onCircuit: (subgraph, state) => {
        metrics.circuitChanged(nameOf(subgraph), state);
        log.warn({ subgraph: nameOf(subgraph), state }, "circuit changed");
      },
      onRepeated: (subgraph, kind) => metrics.subgraphRepeated(nameOf(subgraph), kind),
      onShared: (subgraph) => metrics.subgraphShared(nameOf(subgraph)),
      onCalled: (call) => {
        metrics.subgraphCalled(nameOf(call.subgraph), call.outcome, call.durationMs);
        logFailedCall(log, { ...call, subgraph: nameOf(call.subgraph) });
      },
    });
  };
}

function createProbeContext(region: string): SubgraphCallContext {
  return {
    caller: createAnonymousCaller(region),
    requestId: randomUUID(),
    traceparent: continueTrace(undefined),
    forwarded: {},
    operationId: randomUUID(),
    decisionId: randomUUID(),
    filters: {},
  };
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
