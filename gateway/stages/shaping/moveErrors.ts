/**
 * Errors of the engine after rows were taken out: those inside what nobody may see would tell of it, and those behind it
 * in a list stand elsewhere now.
 */
import { GraphQLError } from "graphql";
import type { GatewayErrorCode } from "../../errors.ts";
import { hiddenPrefix } from "../hiddenNames.ts";

export type Removals = {
  /** Places, as JSON of their path, of which nothing may be told. */
  readonly removed: ReadonlySet<string>;
  /** Of lists that lost elements, the new index of each old one; undefined where there is none. By JSON of their path. */
  readonly indexes: ReadonlyMap<string, readonly (number | undefined)[]>;
  /** Places whose value is masked. */
  readonly masked: ReadonlySet<string>;
};

export function moveErrors(
  errors: readonly GraphQLError[],
  { removed, indexes, masked }: Removals,
): readonly GraphQLError[] {
  return errors.flatMap((error) => move(error) ?? []);

  function move(error: GraphQLError): GraphQLError | undefined {
    const { path } = error;
    if (!path) return error;
    const moved: (string | number)[] = [];
    for (const [at, step] of path.entries()) {
      if (typeof step === "string" && step.startsWith(hiddenPrefix)) return hideAttribute(error, moved);
      const above = JSON.stringify(path.slice(0, at));
      const index = typeof step === "number" ? indexes.get(above) : undefined;
      const next = index && typeof step === "number" ? index[step] : step;
      if (next === undefined || removed.has(JSON.stringify(path.slice(0, at + 1)))) return undefined;
      moved.push(next);
      if (masked.has(JSON.stringify(path.slice(0, at + 1)))) return hide(error, moved);
    }
    return moved.every((step, at) => step === path[at]) ? error : at(error, error.message, moved);
  }
}

/**
 * What the gateway asked for itself is nobody's to read. An attribute that nobody answered is one of a row that is not
 * there, and that must look as a row does which the caller may not know of.
 */
function hideAttribute(error: GraphQLError, path: readonly (string | number)[]): GraphQLError | undefined {
  const isAbsent: boolean =
    error.extensions.code === ("SUBGRAPH_INVALID_RESPONSE" satisfies GatewayErrorCode);
  return isAbsent ? undefined : hide(error, path);
}

function hide(error: GraphQLError, path: readonly (string | number)[]): GraphQLError {
  return new GraphQLError("A value that the caller may not see in full could not be read.", {
    path,
    extensions: { code: error.extensions.code ?? "SUBGRAPH_ERROR" },
  });
}

function at(error: GraphQLError, message: string, path: readonly (string | number)[]): GraphQLError {
  return new GraphQLError(message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    ...(error.originalError ? { originalError: error.originalError } : {}),
    path,
    extensions: error.extensions,
  });
}
