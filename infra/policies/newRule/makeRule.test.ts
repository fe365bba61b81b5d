import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadPolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import { describeWhere } from "../../../test/support/describeWhere.ts";
import { checkout } from "../../local/paths.ts";
import { renderPages } from "../pages/renderPages.ts";
import { makeRule, parseNewRule } from "./makeRule.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "atlas-new-rule-"));
  for (const part of ["policies", "docs/guides", "infra/policies"])
    await cp(join(checkout, part), join(root, part), { recursive: true });
  await symlink(join(checkout, "node_modules"), join(root, "node_modules"));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

const read = (path: string) => readFile(join(root, path), "utf8");

describe("a name", () => {
  test.each([
    [
      "without an area",
      "exports",
      "fields",
      'with an area of access, residency, retention, encryption, audit; got "exports"',
    ],
    ["of another area", "billing/exports", "fields", 'got "billing/exports"'],
    ["with too many parts", "access/data/exports", "fields", 'got "access/data/exports"'],
    ["with other signs than letters", "access/ex-ports", "fields", 'got "ex-ports"'],
    ["that leads out of the folder", "access/../x", "fields", 'got "access/../x"'],
    ["that is a word of Rego", "access/default", "fields", 'have not taken; got "default"'],
    ["with a question that nobody asks", "access/exports", "rows", 'got "rows"'],
  ])("%s is refused with what was expected", (_, name, question, text) => {
    expect(() => parseNewRule(name, question)).toThrow(text);
  });

  test.each([
    ["access/labels", "policies/access/labels.rego is there already"],
    [
      "residency/labels",
      "policies/access/labels.rego is there already: entrypoints name rules without their area",
    ],
  ])("of a rule that there is (%s) is refused, and nothing is written", async (name, text) => {
    const before = await read("policies/rules.rego");
    await expect(makeRule(root, parseNewRule(name, "fields"))).rejects.toThrow(text);
    expect(await read("policies/rules.rego")).toBe(before);
  });
});

test("a rule comes with its page and its place in the guide", async () => {
  await makeRule(root, parseNewRule("access/exports", "fields"));
  const pages = await renderPages(root);
  expect(pages.get("docs/policies/access/exports.md")).toContain("`EXPORTS_NOT_ALLOWED`");
  expect(pages.get("docs/guides/policies.md")).toContain(
    "[`access.exports`](../policies/access/exports.md) | fields | dry-run",
  );
}, 120_000);

describeWhere("opa", "a rule that was made", (opa) => {
  const run = (...args: string[]) =>
    promisify(execFile)(opa, args, { cwd: root }).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => {
        throw new Error(`opa ${args.join(" ")}:\n${stdout}${stderr}`);
      },
    );

  test.each([
    ["access/exports", "fields"],
    ["residency/nearby", "objects"],
    ["encryption/aaaFirst", "objects"],
    ["retention/zzzLast", "fields"],
  ])(
    "passes as it is (%s, %s), is asked, and denies nobody",
    async (name, question) => {
      await makeRule(root, parseNewRule(name, question));
      // Strict check, format, tests and their coverage, as `npm run policy:test` has them.
      await promisify(execFile)(process.execPath, [join(root, "infra/policies/testPolicies.mjs")], {
        cwd: root,
        env: { ...process.env, PATH: `${join(opa, "..")}:${process.env.PATH}` },
      });
      const built = join(root, "built.tar.gz");
      const ignored = ["cases", "bundle", "fixtures", "*_test.rego"].flatMap((pattern) => [
        "--ignore",
        pattern,
      ]);
      await run("build", "-t", "wasm", ...ignored, "-o", built, "policies");
      const { catalogue } = await loadPolicyBundle(built, { trust: { kind: "unsigned" } });
      expect(catalogue.rules).toContainEqual(
        expect.objectContaining({ name: name.replace("/", "."), question, mode: "dry-run" }),
      );
    },
    120_000,
  );
});
