import type { GraphQLError } from "graphql";
import type { ExecutionRequest, SubgraphTransport } from "../engine.ts";
import type { PreparedOperation } from "../planning/prepareOperation.ts";
import type { TypeConditions } from "./typeConditions.ts";

/** What all fetches of one execution share. */
export type RunningOperation<Context> = {
  readonly operation: PreparedOperation;
  readonly request: ExecutionRequest<Context>;
  /** Coerced, with defaults: decides conditions. Subgraphs get the raw ones and coerce themselves. */
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  readonly transport: SubgraphTransport<Context>;
  readonly types: TypeConditions;
  /** Name the subgraph in errors: for developers, not for the public. */
  readonly namesSubgraphs: boolean;
  readonly failures: Failure[];
  /** Whether each object that waits for a failed fetch gets an error of its own. Default: they share one. */
  readonly failsApart?: boolean;
  /** Told of each fetch that others wait for, however it ended. */
  readonly onFetched?: (id: string) => void;
};

/**
 * Something that went wrong in a subgraph. Its errors stand in the merged data in place of the nulls they explain;
 * `report` is told when the client asked for none of those places.
 */
export type Failure = { readonly report: GraphQLError; readonly planted: readonly GraphQLError[] };
