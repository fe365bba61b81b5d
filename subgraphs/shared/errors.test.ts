import { describe, expect, test } from "@jest/globals";
import { buildSchema, execute, GraphQLError, GraphQLScalarType, parse } from "graphql";
import { AppError, maskError } from "./errors.ts";

/** What a client is told of one operation on a schema whose field fails as `resolve` does. */
async function tellOf(query: string, resolve: () => unknown = () => 1, variableValues = {}) {
  const schema = buildSchema(
    "scalar Odd enum Size { BIG } type Query { field(n: Int, size: Size): Odd size: Size }",
  );
  const odd = schema.getType("Odd");
  if (odd instanceof GraphQLScalarType) {
    odd.serialize = (value) => {
      if (typeof value === "number") return value;
      throw new GraphQLError("an Odd resolver gave row 42 of host 10.0.0.7");
    };
  }
  const { errors = [] } = await execute({
    schema,
    document: parse(query, { noLocation: true }),
    rootValue: { field: resolve, size: resolve },
    variableValues,
  });
  return errors
    .map(maskError)
    .map(({ message, path, extensions }) => ({ message, path, code: extensions.code }));
}

function throwing(error: unknown) {
  return () => {
    throw error;
  };
}

describe("maskError", () => {
  test("keeps the text, the code and the path of our coded errors", async () => {
    const told = await tellOf(
      "{ field }",
      throwing(new AppError("BAD_USER_INPUT", "expected a dog; got a cat")),
    );
    expect(told).toEqual([{ message: "expected a dog; got a cat", path: ["field"], code: "BAD_USER_INPUT" }]);
  });

  test("hides what any other error says", async () => {
    const hidden = { message: "an internal error occurred", path: ["field"], code: "INTERNAL_SERVER_ERROR" };
    expect(await tellOf("{ field }", throwing(new Error("row 42 of host 10.0.0.7")))).toEqual([hidden]);
    expect(await tellOf("{ field }", throwing("row 42"))).toEqual([hidden]);
  });

  test("blames the caller for variables and arguments that do not fit", async () => {
    const codes = async (query: string, variables: Record<string, unknown>) =>
      (await tellOf(query, undefined, variables)).map(({ code }) => code);
    expect(await codes("query ($n: Int!) { field(n: $n) }", {})).toEqual(["BAD_USER_INPUT"]);
    expect(await codes("query ($n: Int) { field(n: $n) }", { n: "x" })).toEqual(["BAD_USER_INPUT"]);
    expect(await codes("query ($s: Size) { field(size: $s) }", { s: "SMALL" })).toEqual(["BAD_USER_INPUT"]);
    expect(await codes("{ field(size: SMALL) }", {})).toEqual(["BAD_USER_INPUT"]);
  });

  test("blames nobody but us for a value that a scalar or an enum cannot serialize", async () => {
    const hidden = { message: "an internal error occurred", code: "INTERNAL_SERVER_ERROR" };
    expect(await tellOf("{ field }", () => "row 42")).toMatchObject([hidden]);
    expect(await tellOf("{ size }", () => "SMALL")).toMatchObject([hidden]);
  });

  test.each([
    [Object.assign(new Error("x"), { code: "P1001" })],
    [Object.assign(new Error("x"), { code: "ECONNREFUSED" })],
    [Object.assign(new Error("x"), { code: "57P01" })],
    [new Error("Connection terminated unexpectedly")],
    [new Error("Database error. Code: `57P03`. Message: `the database system is starting up`")],
    [Object.assign(new Error("Raw query failed. Code: `57P03`. Message: `x`"), { code: "P2010" })],
    [new Error("timeout exceeded when trying to connect")],
    [new Error("Query read timeout")],
  ])("tells of a database that is gone without its address: %s", async (error) => {
    expect(await tellOf("{ field }", throwing(error))).toEqual([
      {
        message: "the database does not answer; try again in a moment",
        path: ["field"],
        code: "DATABASE_UNAVAILABLE",
      },
    ]);
  });

  test("blames the caller for a text that PostgreSQL cannot store", async () => {
    const error = new Error('Raw query failed: invalid byte sequence for encoding "UTF8": 0x00');
    expect(await tellOf("{ field }", throwing(error))).toMatchObject([{ code: "BAD_USER_INPUT" }]);
  });
});
