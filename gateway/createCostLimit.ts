/** What an operation may cost over one supergraph, which says what its fields cost. */
import type { GraphQLSchema } from "graphql";
import type { GatewayConfig } from "./config.ts";
import { AppError } from "./errors.ts";
import type { Metrics } from "./observability/metrics.ts";
import type { AdmittedOperation } from "./stages/admitOperation.ts";
import { createEstimateCost } from "./stages/estimateCost.ts";
import type { CostRules } from "./supergraph/costRules.ts";

export type CostLimit = {
  /** Throws OPERATION_TOO_COSTLY; otherwise the estimate. */
  readonly assess: (
    operation: Pick<AdmittedOperation, "document" | "operation">,
    variables: Readonly<Record<string, unknown>>,
  ) => number;
  /** Undefined when any cost is let through. */
  readonly max: number | undefined;
};

type Options = {
  readonly config: Pick<GatewayConfig, "costMax" | "listSize">;
  readonly rules: CostRules;
  readonly schema: GraphQLSchema;
  readonly metrics: Pick<Metrics, "costEstimated">;
};

export function createCostLimit({ config, rules, schema, metrics }: Options): CostLimit {
  const { costMax: max, listSize } = config;
  const estimateCost = createEstimateCost({ schema, rules, listSize });
  return {
    max,
    assess: (operation, variables) => {
      const estimated = estimateCost(operation, variables);
      metrics.costEstimated(operation.operation.operation, estimated);
      if (max !== undefined && estimated > max) throw tooCostly(estimated, max);
      return estimated;
    },
  };
}

function tooCostly(estimated: number, allowed: number): AppError {
  return new AppError(
    "OPERATION_TOO_COSTLY",
    400,
    `Expected an operation of a cost of at most ${allowed}; this one is estimated at ${estimated}.`,
    { details: { estimated, allowed } },
  );
}
