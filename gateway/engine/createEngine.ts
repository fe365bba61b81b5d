/** Wires the engine: the planner and its cache, the walk over a plan, and the shaping of the answer. */
import { GraphQLError } from "graphql";
import type { Supergraph } from "../supergraph/supergraph.ts";
import { coerceVariables } from "./answer/coerceVariables.ts";
import { toCompletableSchema } from "./answer/completableSchema.ts";
import { shapeAnswer } from "./answer/shapeAnswer.ts";
import type { Engine, ExecutionRequest, OperationPlan, SubgraphTransport } from "./engine.ts";
import { createData } from "./execution/data.ts";
import { executePlan } from "./execution/executePlan.ts";
import type { RunningOperation } from "./execution/runningOperation.ts";
import { createTypeConditions } from "./execution/typeConditions.ts";
import { createApolloPlanner } from "./planning/apolloPlanner.ts";
import type { Planner } from "./planning/planner.ts";
import { createPlanOperation, type PlannedDocument } from "./planning/planOperation.ts";
import type { QueryPlan } from "./planning/queryPlan.ts";
import { subscribeToPlan } from "./subscribeToPlan.ts";

export type EngineOptions<Context> = {
  readonly supergraph: Supergraph;
  readonly transport: SubgraphTransport<Context>;
  /** Apollo's when absent. */
  readonly planner?: Planner;
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
  planner = createApolloPlanner(supergraph),
  plansMax = 1_000,
  plansSizeMax: sizeMax = 64_000_000,
  onPlanLookUp: onLookUp,
  namesSubgraphs = false,
}: EngineOptions<Context>): Engine<Context> {
  const schema = supergraph.parsed.apiSchema().toGraphQLJSSchema();
  const completable = toCompletableSchema(schema);
  const types = createTypeConditions(supergraph.parsed.schema.toGraphQLJSSchema());
  const planOperation = createPlanOperation({ supergraph, schema, planner, plansMax, sizeMax, onLookUp });

  /** Coerces the variables and finds the plan for them; refuses what the client, or the planner, gets wrong. */
  const startOperation = async (
    plan: OperationPlan,
    request: ExecutionRequest<Context>,
  ): Promise<Started<Context>> => {
    const planned = openPlan(plan, supergraph.id);
    const coerced = coerceVariables(schema, planned.definition, request.variables);
    if (coerced.kind === "refused") return coerced;
    try {
      const { operation, plan } = await planned.planFor(coerced.values);
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
      return { kind: "running", running, plan };
    } catch (error) {
      if (error instanceof GraphQLError) return { kind: "refused", errors: [error] };
      throw error;
    }
  };

  return {
    supergraphId: supergraph.id,
    schema,
    mostUsed: planOperation.mostUsed,
    warmUp: planOperation.warmUp,

    plan: async (document, operationName) => {
      const planned = await planOperation.plan(document, operationName);
      return {
        supergraphId: supergraph.id,
        operationKind: planned.definition.operation,
        operationName: planned.definition.name?.value,
        document: planned.document,
        node: planned,
      };
    },

    execute: async (plan, request) => {
      if (plan.operationKind === "subscription")
        throw new Error("a subscription is subscribed to, not executed");
      const started = await startOperation(plan, request);
      if (started.kind === "refused") return { errors: started.errors };
      const data = createData();
      const node = started.plan.kind === "operation" ? started.plan.node : undefined;
      await executePlan(started.running, node, [{ object: data, path: [] }]);
      return shapeAnswer(completable, started.running, data);
    },

    subscribe: async (plan, request) => {
      const started = await startOperation(plan, request);
      if (started.kind === "refused") return { errors: started.errors };
      if (started.plan.kind === "subscription")
        return subscribeToPlan(completable, started.running, started.plan);
      throw new Error(`expected a plan of a subscription, came one of a ${plan.operationKind}`);
    },
  };
}

type Started<Context> =
  | { readonly kind: "running"; readonly running: RunningOperation<Context>; readonly plan: QueryPlan }
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

function openPlan(plan: OperationPlan, supergraphId: string): PlannedDocument {
  if (plan.supergraphId !== supergraphId)
    throw new Error(`plan of supergraph ${plan.supergraphId} given to the engine of ${supergraphId}`);
  // `plan` above is the only maker of plans with this supergraph's id.
  return plan.node as PlannedDocument;
}
