import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { decideFields, type FieldsQuestion } from "./decideFields.ts";

const question: FieldsQuestion = {
  facts: { caller: { kind: "identified" } },
  requests: ["Query.a", "Query.b"].map((coordinate) => ({
    coordinate,
    authenticated: false,
    scopes: null,
    policies: null,
  })),
};
const allowed = (id: number) => ({
  id,
  outcome: "allow",
  reason: "ALLOWED",
  rule: "",
  reject: false,
  dry_run: [],
});
const denied = (id: number) => ({
  ...allowed(id),
  outcome: "deny",
  reason: "SCOPE_MISSING",
  rule: "access.scopes",
});
const answer = (value: unknown) => decideFields({ evaluate: async () => value }, question);

describe("decideFields", () => {
  test("puts decisions in the order of the requests, whatever order they come in", async () => {
    expect((await answer([denied(1), allowed(0)])).decisions).toEqual([allowed(0), denied(1)]);
  });

  test("tells what was asked, so that a record of it can be replayed", async () => {
    const { asked, inputHash } = await answer([allowed(0), allowed(1)]);
    expect(JSON.parse(asked.input)).toMatchObject({
      caller: { kind: "identified" },
      requests: [{ id: 0 }, { id: 1 }],
    });
    expect(asked.entrypoint).toBe("atlas/fields/decisions");
    expect(inputHash).toBe(createHash("sha256").update(asked.input).digest("hex"));
  });

  test.each<[string, unknown]>([
    ["no decision", []],
    ["a missing decision", [allowed(0)]],
    ["a decision twice", [allowed(0), allowed(0)]],
    ["a decision too many", [allowed(0), allowed(1), allowed(2)]],
    ["a second opinion", [allowed(0), allowed(1), denied(1)]],
    ["a decision nobody asked for", [allowed(0), allowed(7)]],
    ["no id", [allowed(0), { ...allowed(1), id: undefined }]],
    ["an id that is text", [allowed(0), { ...allowed(1), id: "1" }]],
    ["an unknown outcome", [allowed(0), { ...allowed(1), outcome: "permit" }]],
    ["an allow that its reason contradicts", [allowed(0), { ...allowed(1), reason: "SCOPE_MISSING" }]],
    ["a denial that its reason contradicts", [allowed(0), { ...denied(1), reason: "ALLOWED" }]],
    ["an allow that refuses the operation", [allowed(0), { ...allowed(1), reject: true }]],
    ["a reason that is no code", [allowed(0), { ...denied(1), reason: "because" }]],
    ["an object", { 0: allowed(0), 1: allowed(1), length: 2 }],
    ["null", null],
    ["true", true],
  ])("rejects %s", async (_, value) => {
    await expect(answer(value)).rejects.toMatchObject({ name: "PolicyError", code: "ANSWER_INVALID" });
  });
});
