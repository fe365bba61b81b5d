import { describe, expect, test } from "@jest/globals";
import { GraphQLError } from "graphql";
import { AppError } from "../errors.ts";
import { createMaskErrors } from "./maskErrors.ts";

function mask(error: GraphQLError, keepText = false) {
  const masked: unknown[] = [];
  const maskErrors = createMaskErrors({ keepText, onMasked: (fault) => masked.push(fault) });
  const answer = maskErrors({ data: null, errors: [error] }, "request-1");
  return { error: answer.errors?.[0]?.toJSON(), masked };
}

const path = ["a", 0];
const coded = (code: string, more: Record<string, unknown> = {}) =>
  new GraphQLError("the text", { path, extensions: { code, ...more } });

describe("maskErrors", () => {
  test.each(["BAD_USER_INPUT", "UNAUTHORIZED_FIELD_OR_TYPE", "SUBGRAPH_TIMEOUT", "TENANT_UNKNOWN"])(
    "keeps the text of %s, which was written for clients",
    (code) => {
      expect(mask(coded(code, { reason: "x" }))).toEqual({
        error: { message: "the text", path, extensions: { code, reason: "x" } },
        masked: [],
      });
    },
  );

  test.each(["SUBGRAPH_ERROR", "INTERNAL_SERVER_ERROR"])(
    "replaces the text of %s and hands it to the log",
    (code) => {
      const { error, masked } = mask(coded(code));
      expect(error).toMatchObject({ path, extensions: { code } });
      expect(error?.message).not.toContain("the text");
      expect(masked).toMatchObject([{ requestId: "request-1", code, cause: { message: "the text" } }]);
      expect(mask(coded(code), true).error?.message).toBe("the text");
    },
  );

  test("an error without a code is a fault of ours", () => {
    const { error } = mask(new GraphQLError("Cannot read properties of undefined"));
    expect(error).toMatchObject({ extensions: { code: "INTERNAL_SERVER_ERROR" } });
    expect(error?.message).not.toContain("undefined");
  });

  test("a thrown AppError keeps its own code", () => {
    const thrown = new AppError("SUBGRAPH_TIMEOUT", 504, "The subgraph books did not answer within 10 ms.");
    const { error } = mask(new GraphQLError(thrown.message, { originalError: thrown }));
    expect(error).toMatchObject({ message: thrown.message, extensions: { code: "SUBGRAPH_TIMEOUT" } });
  });

  test.each([false, true])("takes stack traces out, text kept or not (%p)", (keepText) => {
    const leaking = coded("BAD_USER_INPUT", {
      stacktrace: ["at secret.ts"],
      exception: { stack: "at secret.ts" },
      debug: "secret.ts",
      originalError: { message: "secret.ts" },
    });
    expect(JSON.stringify(mask(leaking, keepText))).not.toContain("secret.ts");
  });

  test("hands an answer without errors on as it is", () => {
    const answer = { data: { a: 1 } };
    expect(createMaskErrors({ keepText: false })(answer, "r")).toBe(answer);
  });
});
