import { describe, expect, test } from "@jest/globals";
import { areSeen, parseOverrideRules } from "../overrideRules.ts";
import { createChooseOverrides } from "./chooseOverrides.ts";
import { createAnonymousCaller, type IdentifiedCaller } from "./identifyCaller.ts";

function parseRules(...entries: readonly string[]) {
  const issues: string[] = [];
  const rules = parseOverrideRules(entries, { addIssue: (message) => void issues.push(message) });
  if (issues.length > 0) throw new Error(issues.join());
  return rules;
}

const anonymous = createAnonymousCaller("us-east");
const analyst: IdentifiedCaller = {
  ...anonymous,
  kind: "identified",
  subject: "ada",
  tenant: "acme",
  roles: ["analyst"],
  expiresAt: 0,
};

describe("labels of progressive overrides", () => {
  const choose = createChooseOverrides(
    parseRules(
      ...[
        "all",
        "roles=role:analyst",
        "tenants=tenant:acme",
        "people=subject:ada",
        "preview=header:X-Preview",
      ],
      ...["either=role:admin", "either=subject:ada", "elsewhere"],
    ),
    ["all", "roles", "tenants", "people", "preview", "either"],
  );

  test("hold for everybody, or for callers and requests that a rule is for", () => {
    expect(choose({ caller: anonymous, forwarded: {} })).toEqual(["all"]);
    expect(choose({ caller: analyst, forwarded: {} })).toEqual([
      "all",
      "roles",
      "tenants",
      "people",
      "either",
    ]);
    expect(choose({ caller: anonymous, forwarded: { "x-preview": "" } })).toEqual(["all", "preview"]);
    expect(
      choose({ caller: { ...analyst, roles: [], tenant: "other", subject: "bob" }, forwarded: {} }),
    ).toEqual(["all"]);
  });

  test("that the graph has not are no reason for plans of their own", () => {
    expect(createChooseOverrides(parseRules("all"), [])({ caller: analyst, forwarded: {} })).toEqual([]);
  });

  test.each(["=role:analyst", "label=group:x", "label=role:", "label="])(
    "written as %s are refused",
    (entry) => {
      expect(() => parseRules(entry)).toThrow("expected labels");
    },
  );

  test("by a header need a header that the gateway sees", () => {
    const rules = parseRules("preview=header:X-Preview");
    expect(areSeen(rules, ["x-preview"])).toBe(true);
    expect(areSeen(rules, ["authorization"])).toBe(false);
  });
});
