import { expect, test } from "@jest/globals";
import { buildSchema } from "graphql";
import { createDocumentCheck } from "./checkDocument.ts";

const check = createDocumentCheck(buildSchema("type Query { n: Int }"));

test("a syntax error has its code", () => {
  expect(() => check.parse("{")).toThrow(
    expect.objectContaining({
      message: expect.stringContaining("Syntax Error"),
      extensions: { code: "GRAPHQL_PARSE_FAILED" },
    }),
  );
});

test("a document that does not fit has a code for each error", () => {
  const codes = check.validate(check.parse("{ a b }")).map(({ extensions }) => extensions.code);
  expect(codes).toEqual(["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_VALIDATION_FAILED"]);
});

test("the same text is parsed and validated once", () => {
  const document = check.parse("{ n }");
  expect(check.parse("{ n }")).toBe(document);
  expect(check.validate(document)).toBe(check.validate(document));
});
