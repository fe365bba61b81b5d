/** Wires the engine: the planner and its cache, the walk over a plan, and the shaping of the answer. */
import { GraphQLError } from "graphql";
import { AppError } from "../errors.ts";
import type { Supergraph } from "../supergraph/supergraph.ts";
import { coerceVariables } from "./answer/coerceVariables.ts";
import { toCompletableSchema } from "./answer/completableSchema.ts";
import { shapeAnswer } from "./answer/shapeAnswer.ts";
import { addDeferDirective } from "./deferred/deferDirective.ts";
import { executeDeferred } from "./deferred/executeDeferred.ts";
import { createPartSchemas } from "./deferred/partSchemas.ts";
import { type SeparatedOperation, separateFragments } from "./deferred/separateFragments.ts";
import { toWholeAnswer } from "./deferred/toWholeAnswer.ts";
import type { Answer, Engine, ExecutionRequest, OperationPlan, SubgraphTransport } from "./engine.ts";
import { createExecuteCompiled } from "./execution/compiled/executeCompiled.ts";
import { SentCalls } from "./execution/compiled/sentCalls.ts";
import { createData } from "./execution/data.ts";
import { executePlan } from "./execution/executePlan.ts";
import type { RunningOperation } from "./execution/runningOperation.ts";
import { createTypeConditions } from "./execution/typeConditions.ts";
import type { Planner } from "./planning/planner.ts";
import {
  createPlanOperation,
  type PlannedDeferred,
  type PlannedDocument,
  type PlannedOperation,
} from "./planning/planOperation.ts";
import type { DeferredPlan } from "./planning/queryPlan.ts";
import { subscribeToPlan } from "./subscribeToPlan.ts";

export type EngineOptions<Context> = {
  readonly supergraph: Supergraph;
  readonly transport: SubgraphTransport<Context>;
  readonly planner: Planner;
  /** Plans kept, default 1,000; the least recently used goes first. */
  readonly plansMax?: number;
  /** Characters of all plans kept as JSON, default 64 million. */
  readonly plansSizeMax?: number;
  readonly onPlanLookUp?: (result: "hit" | "miss") => void;
  /** Say in `extensions.service` which subgraph an error comes from. Default off: clients need not know. */
  readonly namesSubgraphs?: boolean;
};

export function createEngine<Context>({
  supergraph,
  transport,
  planner,
  plansMax = 1_000,
  plansSizeMax: sizeMax = 64_000_000,
  onPlanLookUp: onLookUp,
  namesSubgraphs = false,
}: EngineOptions<Context>): Engine<Context> {
  const schema = addDeferDirective(supergraph.apiSchema);
  const completable = toCompletableSchema(schema);
  const schemas = createPartSchemas(completable);
  const separate = createSeparate();
  const { supergraphSchema } = supergraph;
  const types = createTypeConditions(supergraphSchema);
  const executeCompiled = createExecuteCompiled(schema, supergraphSchema);
  const planOperation = createPlanOperation({ supergraph, schema, planner, plansMax, sizeMax, onLookUp });

  /** Coerces the variables and finds the plan for them; refuses what the client, or the planner, gets wrong. */
  const startOperation = async <Planned extends PlannedOperation>(
    plan: OperationPlan,
    request: ExecutionRequest<Context>,
    findPlan: FindPlan<Planned>,
  ): Promise<Started<Context, Planned>> => {
    const planned = openPlan(plan, supergraph.id);
    const coerced = coerceVariables(schema, planned, request.variables);
    if (coerced.kind === "refused") return coerced;
    try {
      const prepared = await findPlan(planned, coerced.values);
      const { operation } = prepared;
      const coercedVariables = coerced.values;
      const running = {
        operation,
        request,
        coercedVariables,
        transport,
        types,
        namesSubgraphs,
        failures: [],
      };
      return { kind: "running", running, planned: prepared };
    } catch (error) {
      if (error instanceof GraphQLError) return { kind: "refused", errors: [error] };
      throw error;
    }
  };

  const execute = async (running: RunningOperation<Context>, { plan }: PlannedOperation): Promise<Answer> => {
    const data = createData();
    const node = plan.kind === "operation" ? plan.node : undefined;
    await executePlan(running, node, [{ object: data, path: [] }]);
    return shapeAnswer(completable, running, data);
  };

  return {
    supergraphId: supergraph.id,
    schema,
    mostUsed: planOperation.mostUsed,
    warmUp: planOperation.warmUp,

    plan: async (document, operationName, overrides = []) => {
      const planned = await planOperation.plan(document, operationName, overrides);
      return {
        supergraphId: supergraph.id,
        operationKind: planned.definition.operation,
        operationName: planned.definition.name?.value,
        document: planned.document,
        isDeferred: planned.isDeferred,
        node: planned,
      };
    },

    describePlan: async (plan, variables) => {
      const planned = openPlan(plan, supergraph.id);
      const coerced = coerceVariables(schema, planned, variables);
      return coerced.kind === "refused" ? undefined : (await planned.planFor(coerced.values)).plan;
    },

    execute: async (plan, request) => {
      assertExecutable(plan);
      const started = await startOperation(plan, request, findWhole);
      return started.kind === "refused"
        ? { errors: started.errors }
        : execute(started.running, started.planned);
    },

    executeText: async (plan, request) => {
      assertExecutable(plan);
      const started = await startOperation(plan, request, findWhole);
      if (started.kind === "refused") return { kind: "answer", answer: { errors: started.errors } };
      const { running, planned } = started;
      if (!transport.requestText) return { kind: "answer", answer: await execute(running, planned) };
      const sent = new SentCalls();
      const text = await executeCompiled(planned, running, sent);
      if (text !== undefined) return { kind: "text", text };
      const replaying = { ...running, transport: sent.replay(transport) };
      return { kind: "answer", answer: await execute(replaying, planned) };
    },

    executeDeferred: async (plan, request) => {
      assertExecutable(plan);
      const controller = new AbortController();
      const signal = AbortSignal.any([request.signal, controller.signal]);
      const started = await startOperation(plan, { ...request, signal }, findDeferred);
      if (started.kind === "refused") return toWholeAnswer({ errors: started.errors });
      const { running, planned } = started;
      const rootType = completable.getRootType(planned.operation.definition.operation);
      if (planned.plan.kind !== "deferred" || !("fragments" in planned) || !rootType)
        return toWholeAnswer(await execute(running, planned));
      return executeDeferred({
        schemas,
        running,
        rootType,
        plan: planned.plan,
        separated: separate(planned, planned.plan),
        onEnd: () => controller.abort(),
      });
    },

    startSubscription: async (plan, request) => {
      const started = await startOperation(plan, request, findWhole);
      if (started.kind === "refused") return started;
      const { plan: queryPlan } = started.planned;
      if (queryPlan.kind === "subscription")
        return subscribeToPlan(completable, started.running, queryPlan, async (running, sent) =>
          transport.requestText ? executeCompiled(started.planned, running, sent) : undefined,
        );
      throw new Error(`expected a plan of a subscription, came one of a ${plan.operationKind}`);
    },
  };
}

type FindPlan<Planned> = (
  document: PlannedDocument,
  coercedVariables: Readonly<Record<string, unknown>>,
) => Promise<Planned>;

const findWhole: FindPlan<PlannedOperation> = (document, variables) => document.planFor(variables);

/** Planning deferred fragments may take too long where planning the whole does not. */
const findDeferred: FindPlan<PlannedOperation | PlannedDeferred> = async (document, variables) => {
  const deferred = await document.planDeferred(variables).catch((cause: unknown) => {
    if (cause instanceof AppError && cause.code === "PLANNING_TIMEOUT") return undefined;
    throw cause;
  });
  return deferred ?? document.planFor(variables);
};

/** What a deferred operation is read by is made once, and kept as long as its plan. */
function createSeparate() {
  const known = new WeakMap<PlannedDeferred, SeparatedOperation>();
  return (planned: PlannedDeferred, plan: DeferredPlan): SeparatedOperation => {
    const separated = known.get(planned) ?? separateFragments(planned.operation, planned.fragments, plan);
    known.set(planned, separated);
    return separated;
  };
}

type Started<Context, Planned> =
  | {
      readonly kind: "running";
      readonly running: RunningOperation<Context>;
      readonly planned: Planned;
    }
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

function assertExecutable({ operationKind }: OperationPlan): void {
  if (operationKind === "subscription") throw new Error("a subscription is subscribed to, not executed");
}

function openPlan(plan: OperationPlan, supergraphId: string): PlannedDocument {
  if (plan.supergraphId !== supergraphId)
    throw new Error(`plan of supergraph ${plan.supergraphId} given to the engine of ${supergraphId}`);
  // `plan` above is the only maker of plans with this supergraph's id.
  return plan.node as PlannedDocument;
}
