/**
 * Apollo's reading of supergraph SDL. It takes seconds for a wide graph and holds hundreds of megabytes, so nothing here runs
 * on the thread that serves: `readSupergraph.ts` keeps what that needs.
 */
import { createHash } from "node:crypto";
import {
  Supergraph as ApolloSupergraph,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
} from "@apollo/federation-internals";
import { GraphQLError } from "graphql";
import type { Supergraph } from "./supergraph.ts";
import { SupergraphError } from "./supergraphError.ts";

export type ParsedSupergraph = Pick<Supergraph, "sdl" | "id" | "subgraphs"> & {
  /** The supergraph *schema* with its applied directives; the API schema has none. */
  readonly parsed: ApolloSupergraph;
};

/**
 * Apollo's default feature set refuses a supergraph with authorization directives (`for: SECURITY`). Whoever calls
 * this promises to enforce them: `readSecurityRules` says which there are.
 */
export function parseSupergraph(sdl: string, source = "supergraph"): ParsedSupergraph {
  const parsed = buildSupergraph(sdl, source);
  return {
    sdl,
    id: createHash("sha256").update(sdl).digest("hex"),
    subgraphs: parsed.subgraphsMetadata().map(({ name, url }) => ({ name, url })),
    parsed,
  };
}

function buildSupergraph(sdl: string, source: string): ApolloSupergraph {
  try {
    return ApolloSupergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  } catch (error) {
    throw new SupergraphError(`${source}: not a supergraph this gateway can serve`, faultsOf(error), {
      cause: error,
    });
  }
}

/** federation-internals throws one GraphQLError, or one with the whole list under `causes`. */
function faultsOf(error: unknown): readonly string[] {
  if (error instanceof GraphQLError) {
    const causes: unknown = Reflect.get(error, "causes");
    return Array.isArray(causes) ? causes.map(textOf) : [textOf(error)];
  }
  return [textOf(error)];
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error instanceof GraphQLError ? error.locations?.[0] : undefined;
  return place ? `line ${place.line}:${place.column}: ${error.message}` : error.message;
}
