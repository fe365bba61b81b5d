/**
 * What an operation would cost at most, told before anything of it runs: the static cost of the IBM specification with
 * Apollo's weights (https://www.apollographql.com/docs/graphos/routing/security/demand-control). An object is 1, a scalar
 * 0, a mutation 10 more; `@cost` changes that, and a list multiplies it by the size that `@listSize` or the default tells.
 */
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { CostRules } from "../supergraph/costRules.ts";
import { compileCost, type Variables } from "./cost/compileCost.ts";
import type { Formula } from "./cost/formula.ts";

export type EstimateCost = (
  operation: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
  variables: Variables,
) => number;

type Options = {
  readonly schema: GraphQLSchema;
  readonly rules: CostRules;
  /** Length of a list of which the schema says nothing. */
  readonly listSize: number;
};

/** An operation is compiled once; one without variables that matter is a number from then on. */
export function createEstimateCost(options: Options): EstimateCost {
  const formulas = new WeakMap<OperationDefinitionNode, Formula>();
  return ({ document, operation }, variables) => {
    let formula = formulas.get(operation);
    if (formula === undefined) {
      formula = compileCost(document, operation, options);
      formulas.set(operation, formula);
    }
    return typeof formula === "number" ? formula : formula(variables);
  };
}
