import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { loadPolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import { checkout } from "../../local/paths.ts";
import { builtBundle } from "../signLocalPolicies.ts";
import { checkPages } from "./comparePages.ts";
import { readRules } from "./readRules.ts";
import { renderPages } from "./renderPages.ts";

test("every rule has a page, and it says what the rule and the supergraph say", async () => {
  expect(await checkPages()).toEqual([]);
}, 120_000);

test("the rules in the folders are those that the bundle asks", async () => {
  const { catalogue } = await loadPolicyBundle(builtBundle, { trust: { kind: "unsigned" } });
  const asked = catalogue.rules.map(({ name }) => name).sort();
  expect(
    readRules(checkout)
      .map(({ rule }) => rule.name)
      .sort(),
  ).toEqual(asked);
});

describe("a page", () => {
  let pages: ReadonlyMap<string, string>;
  beforeAll(async () => {
    pages = await renderPages();
  }, 120_000);
  const page = (rule: string) => pages.get(`docs/policies/${rule}.md`) ?? "";

  test.each([
    ["what the schema demands where", "access/labels", "| `compliance` |"],
    ["the fields there", "access/labels", "`Query.violations`"],
    ["which arguments are read", "access/bulk", "| `arguments first` | `Query.dataSubjects` |"],
    [
      "which rows are guarded, and by what",
      "residency/crossing",
      "| `DataSubject` | `consent`: `mayLeaveFor(purpose: $purpose)`",
    ],
    ["which classes of data they hold", "encryption/pseudonyms", "`pseudonym`: PERSONAL"],
    ["every code", "residency/crossing", "`TRANSFER_NOT_ALLOWED`, `PURPOSE_MISSING`, `CONSENT_MISSING`"],
    ["an example", "access/clearance", "drop, `CLEARANCE_TOO_LOW`"],
    ["what tests promise", "access/labels", "- a label without conditions satisfies nobody"],
  ])("says %s", (_, rule, text) => {
    expect(page(rule)).toContain(text);
  });
});

describe("a rule", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "atlas-rules-"));
    await cp(join(checkout, "policies"), join(root, "policies"), { recursive: true });
  });
  afterAll(async () => rm(root, { recursive: true, force: true }));

  test.each([
    ["has no METADATA", "package atlas.access.odd\n", "title: "],
    [
      "reads what no host knows",
      "# METADATA\n# title: Odd\n# description: Odd.\n# custom:\n#   question: fields\n#   mode: enforce\n#   reason: ODD\n#   reads: [caller.shoes]\npackage atlas.access.odd\n",
      "custom.reads.0",
    ],
  ])("that %s is named with what is wrong", async (_, text, fault) => {
    await writeFile(join(root, "policies/access/odd.rego"), text);
    expect(() => readRules(root)).toThrow("policies/access/odd.rego: expected METADATA");
    expect(() => readRules(root)).toThrow(fault);
    await rm(join(root, "policies/access/odd.rego"));
  });
});
