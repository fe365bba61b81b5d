/** The answer to the client from the merged data, with the errors of subgraphs that it has a place for. */
import type { GraphQLError, GraphQLSchema } from "graphql";
import type { Answer } from "../engine.ts";
import type { DataObject } from "../execution/data.ts";
import type { RunningOperation } from "../execution/runningOperation.ts";
import { completeData, isToBeTold } from "./completeData.ts";

export function shapeAnswer<Context>(
  schema: GraphQLSchema,
  { operation, request, failures }: RunningOperation<Context>,
  data: DataObject,
): Answer {
  const { document, plannedKeys } = operation;
  const completed = completeData({ schema, document, variables: request.variables, plannedKeys }, data);
  for (const failure of failures) if (isToBeTold(failure, completed)) completed.errors.add(failure.report);
  return toAnswer(completed.data, completed.errors);
}

export function toAnswer(data: Answer["data"], errors: ReadonlySet<GraphQLError>): Answer {
  return { ...(errors.size > 0 ? { errors: [...errors] } : {}), data: data ?? null };
}
