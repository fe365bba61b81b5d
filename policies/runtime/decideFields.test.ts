import { describe, expect, test } from "@jest/globals";
import { decideFields, type FieldsQuestion } from "./decideFields.ts";

const question: FieldsQuestion = {
  caller: { kind: "identified", roles: [], scopes: [], clearance: "clear", purpose: null },
  operation: { kind: "query", name: null },
  requests: ["Query.a", "Query.b"].map((coordinate) => ({
    coordinate,
    authenticated: false,
    scopes: null,
    policies: null,
  })),
};
const allowed = (id: number) => ({ id, allow: true, reason: "ALLOWED" });
const answer = (value: unknown) => decideFields({ evaluate: async () => value }, "local", question);

describe("decideFields", () => {
  test("puts decisions in the order of the requests, whatever order they come in", async () => {
    expect(await answer([{ id: 1, allow: false, reason: "SCOPE_MISSING" }, allowed(0)])).toEqual([
      { allow: true, reason: "ALLOWED" },
      { allow: false, reason: "SCOPE_MISSING" },
    ]);
  });

  test.each<[string, unknown]>([
    ["no decision", []],
    ["a missing decision", [allowed(0)]],
    ["a decision twice", [allowed(0), allowed(0)]],
    ["a decision too many", [allowed(0), allowed(1), allowed(2)]],
    ["a second opinion", [allowed(0), allowed(1), { id: 1, allow: false, reason: "SCOPE_MISSING" }]],
    ["a decision nobody asked for", [allowed(0), allowed(7)]],
    ["no id", [allowed(0), { allow: true, reason: "ALLOWED" }]],
    ["an id that is text", [allowed(0), { id: "1", allow: true, reason: "ALLOWED" }]],
    ["a truthy allow", [allowed(0), { id: 1, allow: 1, reason: "ALLOWED" }]],
    ["an allow that its reason contradicts", [allowed(0), { id: 1, allow: true, reason: "SCOPE_MISSING" }]],
    ["an unknown reason", [allowed(0), { id: 1, allow: false, reason: "BECAUSE" }]],
    ["an object", { 0: allowed(0), 1: allowed(1), length: 2 }],
    ["null", null],
    ["true", true],
  ])("rejects %s", async (_, value) => {
    await expect(answer(value)).rejects.toMatchObject({ name: "PolicyError", code: "ANSWER_INVALID" });
  });
});
