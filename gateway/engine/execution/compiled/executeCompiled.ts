/** Compiles each plan when it is first run, runs it, and says when the general executor has to. */
import type { GraphQLSchema } from "graphql";
import { findConditionVariables } from "../../planning/conditions.ts";
import type { PlannedOperation } from "../../planning/planOperation.ts";
import type { RunningOperation } from "../runningOperation.ts";
import type { CompiledPlan } from "./compiledPlan.ts";
import { compilePlan } from "./compilePlan.ts";
import { createKnownTypes } from "./knownTypes.ts";
import { runCompiled } from "./runCompiled.ts";
import type { SentCalls } from "./sentCalls.ts";
import { NotCompilable } from "./shape.ts";

export type ExecuteCompiled = <Context>(
  planned: PlannedOperation,
  running: RunningOperation<Context>,
  sent: SentCalls,
) => Promise<string | undefined>;

/** A plan whose runs mostly come to nothing is not tried any more. */
const TRIALS = 32;

type Compiled = { readonly plan: CompiledPlan | undefined; runs: number; failures: number };

export function createExecuteCompiled(
  schema: GraphQLSchema,
  supergraphSchema: GraphQLSchema,
): ExecuteCompiled {
  const types = createKnownTypes(schema, supergraphSchema);
  // As long as the plan is kept, and no longer.
  const compiledOf = new WeakMap<PlannedOperation, Compiled>();

  const compile = (
    { operation, plan }: PlannedOperation,
    variables: Readonly<Record<string, unknown>>,
  ): CompiledPlan | undefined => {
    const rootType = schema.getRootType(operation.definition.operation);
    if (!rootType) return undefined;
    const names = findConditionVariables(operation.document);
    const conditions = new Map(names.map((name) => [name, variables[name] === true]));
    try {
      return compilePlan({ operation, plan, types, conditions, rootTypeName: rootType.name });
    } catch (error) {
      if (error instanceof NotCompilable) return undefined;
      throw error;
    }
  };

  return async (planned, running, sent) => {
    const known = compiledOf.get(planned);
    const compiled = known ?? { plan: compile(planned, running.coercedVariables), runs: 0, failures: 0 };
    if (!known) compiledOf.set(planned, compiled);
    if (!compiled.plan || (compiled.runs >= TRIALS && compiled.failures * 2 > compiled.runs))
      return undefined;
    compiled.runs += 1;
    const text = await runCompiled(compiled.plan, running, sent);
    if (text === undefined) compiled.failures += 1;
    return text;
  };
}
