/** The cases of a graph: which operations, and under which name each can be run again. */
import { type GraphQLSchema, validate } from "graphql";
import { generateOperation } from "./generateOperation.ts";
import type { GeneratedOperation, OperationKind } from "./operation.ts";
import { createPick, mixSeeds } from "./random.ts";

/** `graph seed:number of the operation`. */
export type CaseName = `${number}:${number}`;

export function parseCaseName(text: string): { readonly graph: number; readonly operation: number } {
  const [graph, operation, ...rest] = text.split(":").map(Number);
  if (
    graph === undefined ||
    operation === undefined ||
    rest.length > 0 ||
    !Number.isInteger(graph + operation)
  )
    throw new Error(`Expected a case such as 4821:17; got ${text}.`);
  return { graph, operation };
}

/** Of the operations that are generated some are not valid: undefined. */
export function findOperation(
  schema: GraphQLSchema,
  graph: number,
  operation: number,
  defers = false,
): GeneratedOperation | undefined {
  const pick = createPick(mixSeeds(graph, operation));
  const generated = generateOperation(schema, pickKind(schema, pick(10)), pick, defers);
  return validate(schema, generated.document, undefined, { maxErrors: 1 }).length > 0 ? undefined : generated;
}

function pickKind(schema: GraphQLSchema, choice: number): OperationKind {
  if (choice === 9 && schema.getSubscriptionType()) return "subscription";
  return choice >= 8 && schema.getMutationType() ? "mutation" : "query";
}
