/** Wires the engine: the planner and its cache, the walk over a plan, and the shaping of the answer. */
import type { Supergraph } from "../supergraph/supergraph.ts";
import { coerceVariables } from "./answer/coerceVariables.ts";
import { shapeAnswer } from "./answer/shapeAnswer.ts";
import type { Engine, ExecutionRequest, OperationPlan, SubgraphTransport } from "./engine.ts";
import { createData } from "./execution/data.ts";
import { executePlan } from "./execution/executePlan.ts";
import type { RunningOperation } from "./execution/runningOperation.ts";
import { createTypeConditions } from "./execution/typeConditions.ts";
import { createApolloPlanner } from "./planning/apolloPlanner.ts";
import type { Planner } from "./planning/planner.ts";
import { createPlanOperation, type PlannedOperation } from "./planning/planOperation.ts";
import { readReservedKeys } from "./planning/reservedKeys.ts";
import { subscribeToPlan } from "./subscribeToPlan.ts";

export type EngineOptions<Context> = {
  readonly supergraph: Supergraph;
  readonly transport: SubgraphTransport<Context>;
  /** Apollo's when absent. */
  readonly planner?: Planner;
  /** Plans kept, default 1,000; the least recently used goes first. */
  readonly plansMax?: number;
  /** Say in `extensions.service` which subgraph an error comes from. Default off: clients need not know. */
  readonly namesSubgraphs?: boolean;
};

export function createEngine<Context>({
  supergraph,
  transport,
  planner = createApolloPlanner(supergraph),
  plansMax = 1_000,
  namesSubgraphs = false,
}: EngineOptions<Context>): Engine<Context> {
  const schema = supergraph.parsed.apiSchema().toGraphQLJSSchema();
  const types = createTypeConditions(supergraph.parsed.schema.toGraphQLJSSchema());
  const planOperation = createPlanOperation({ planner, reserved: readReservedKeys(supergraph), plansMax });

  const startOperation = ({ operation }: PlannedOperation, request: ExecutionRequest<Context>) => {
    const coerced = coerceVariables(schema, operation.definition, request.variables);
    if (coerced.kind === "refused") return coerced;
    const running: RunningOperation<Context> = {
      operation,
      request,
      coercedVariables: coerced.values,
      transport,
      types,
      namesSubgraphs,
      failures: [],
    };
    return { kind: "running" as const, running };
  };

  return {
    supergraphId: supergraph.id,
    schema,

    plan: async (document, operationName) => {
      const planned = await planOperation(document, operationName);
      const { definition } = planned.operation;
      return {
        supergraphId: supergraph.id,
        operationKind: definition.operation,
        operationName: definition.name?.value,
        document: planned.operation.document,
        node: planned,
      };
    },

    execute: async (plan, request) => {
      const planned = openPlan(plan, supergraph.id);
      const started = startOperation(planned, request);
      if (started.kind === "refused") return { errors: started.errors };
      if (planned.plan.kind === "subscription")
        throw new Error("a subscription is subscribed to, not executed");
      const data = createData();
      await executePlan(started.running, planned.plan.node, [{ object: data, path: [] }]);
      return shapeAnswer(schema, started.running, data);
    },

    subscribe: async (plan, request) => {
      const planned = openPlan(plan, supergraph.id);
      const started = startOperation(planned, request);
      if (started.kind === "refused") return { errors: started.errors };
      if (planned.plan.kind !== "subscription")
        throw new Error(`a ${plan.operationKind} is executed, not subscribed to`);
      return subscribeToPlan(schema, started.running, planned.plan);
    },
  };
}

function openPlan(plan: OperationPlan, supergraphId: string): PlannedOperation {
  if (plan.supergraphId !== supergraphId)
    throw new Error(`plan of supergraph ${plan.supergraphId} given to the engine of ${supergraphId}`);
  // `plan` above is the only maker of plans with this supergraph's id.
  return plan.node as PlannedOperation;
}
