/**
 * The last look at an answer before it leaves: errors keep their code and place, and lose what only we may know.
 * A caller's mistake keeps its text, because it says what to change; a fault of ours or of a subgraph keeps its code.
 */
import { GraphQLError } from "graphql";
import type { Answer } from "../engine/engine.ts";
import { AppError } from "../errors.ts";

export type MaskErrors = (answer: Answer, requestId: string) => Answer;

type Options = {
  /** In the local profile the text of faults stays, for whoever is building a subgraph. */
  readonly keepText: boolean;
  /** Called with what was taken away. */
  readonly onMasked?: (fault: { requestId: string; code: string; cause: unknown }) => void;
};

/** Faults whose text was written by a library or a subgraph, for its own log. */
const faultCodes: ReadonlySet<string> = new Set(["INTERNAL_SERVER_ERROR", "SUBGRAPH_ERROR"]);

/** Nothing else of `extensions` is ours to publish: `stacktrace` and `exception` are what servers leak most. */
const hiddenExtensions: ReadonlySet<string> = new Set(["stacktrace", "exception", "debug", "originalError"]);

export function createMaskErrors({ keepText, onMasked }: Options): MaskErrors {
  return (answer, requestId) => {
    if (!answer.errors || answer.errors.length === 0) return answer;
    const errors = answer.errors.map((error) => {
      const code = codeOf(error);
      if (faultCodes.has(code)) onMasked?.({ requestId, code, cause: error.originalError ?? error });
      return new GraphQLError(textOf(error, code, keepText), {
        ...(error.nodes ? { nodes: error.nodes } : {}),
        ...(error.path ? { path: error.path } : {}),
        extensions: { ...publicExtensions(error), code },
      });
    });
    return { ...answer, errors };
  };
}

function codeOf(error: GraphQLError): string {
  if (error.originalError instanceof AppError) return error.originalError.code;
  const code = error.extensions.code;
  return typeof code === "string" ? code : "INTERNAL_SERVER_ERROR";
}

function textOf(error: GraphQLError, code: string, keepText: boolean): string {
  if (keepText || !faultCodes.has(code)) return error.message;
  return code === "SUBGRAPH_ERROR"
    ? "A subgraph reported an error."
    : "The gateway failed to answer this part; the x-request-id of the response finds the cause in its log.";
}

function publicExtensions(error: GraphQLError): Record<string, unknown> {
  return Object.fromEntries(Object.entries(error.extensions).filter(([name]) => !hiddenExtensions.has(name)));
}
