/** What the gateway tells a subgraph about a call: the signed context, the trace, and the headers the configuration lets through. */
import type { Filters } from "./grantFilters.ts";
import type { Caller } from "./identifyCaller.ts";
import type { SignContext } from "./signContext.ts";

/** Travels through the engine untouched, from the transport of the client to the call of a subgraph. */
export type SubgraphCallContext = {
  readonly caller: Caller;
  readonly requestId: string;
  readonly traceparent: string;
  readonly forwarded: Readonly<Record<string, string>>;
  readonly operationId: string;
  readonly decisionId: string;
  readonly filters: Filters;
};

export const contextHeader = "atlas-context";

/** Without a secret no context is sent: the subgraphs of a gateway that runs alone do not know it. */
export function signFor(
  sign: SignContext | undefined,
  subgraph: string,
  { caller, operationId, decisionId, filters }: SubgraphCallContext,
): Record<string, string> {
  return sign ? { [contextHeader]: sign({ subgraph, caller, operationId, decisionId, filters }) } : {};
}

export function toSubgraphHeaders(
  sign: SignContext | undefined,
  subgraph: string,
  context: SubgraphCallContext,
): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "application/graphql-response+json, application/json;q=0.9",
    traceparent: context.traceparent,
    "x-request-id": context.requestId,
  };
  if (sign) Object.assign(headers, signFor(sign, subgraph, context));
  // Last, and only where there is none: no forwarded header can stand in for one of ours.
  for (const name in context.forwarded) headers[name] ??= context.forwarded[name] ?? "";
  return headers;
}
