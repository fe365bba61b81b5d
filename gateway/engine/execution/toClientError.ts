import { GraphQLError } from "graphql";
import { AppError } from "../../errors.ts";
import type { FetchNode } from "../planning/queryPlan.ts";
import { isObject } from "./data.ts";
import type { ResponsePath } from "./findTargets.ts";
import type { RunningOperation } from "./runningOperation.ts";

/**
 * A subgraph's own error keeps its text and code: subgraphs mask what clients must not read. Of anything else that was
 * thrown only an AppError has a text for clients; the rest is the cause, for logs.
 *
 * An error that has its path passes through graphql-js as it is; every planted error has one.
 */
export function toClientError<Context>(
  { operation, namesSubgraphs }: RunningOperation<Context>,
  node: FetchNode,
  fault: unknown,
  path: ResponsePath,
): GraphQLError {
  const { message, code } = describe(fault);
  return new GraphQLError(message, {
    ...(path.length > 0 ? { path: path.map((step) => operation.clientKeys.get(String(step)) ?? step) } : {}),
    extensions: { code, ...(namesSubgraphs ? { service: node.subgraph } : {}) },
    originalError: fault instanceof Error ? fault : null,
  });
}

function describe(fault: unknown): { readonly message: string; readonly code: string } {
  if (fault instanceof AppError) return { message: fault.message, code: fault.code };
  if (fault instanceof Error || !isObject(fault) || typeof fault.message !== "string")
    return { message: "a subgraph could not be reached", code: "SUBGRAPH_UNAVAILABLE" };
  const extensions = fault.extensions;
  const code = isObject(extensions) ? extensions.code : undefined;
  return { message: fault.message, code: typeof code === "string" ? code : "SUBGRAPH_ERROR" };
}
