import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { questionIdOf, type RecordedQuestion } from "../../policies/runtime/decisionChain.ts";
import { openPolicyBundle, type PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { readBundle } from "../../policies/runtime/readBundle.ts";
import { packBundle, unpackBundle } from "../../policies/runtime/unpackBundle.ts";
import { type AskedQuestion, diffPolicies } from "./diffPolicies.ts";
import { formatDiff } from "./formatDiff.ts";
import { builtBundle } from "./signLocalPolicies.ts";

const built = readFileSync(builtBundle);
const open = async (packed: Uint8Array) => openPolicyBundle(await readBundle(packed, { kind: "unsigned" }));

/** The repository's policies with other data. */
async function withData(
  change: (data: { access: { labels: Record<string, { roles?: string[] }> } }) => void,
) {
  const contents = await unpackBundle(built);
  const data = JSON.parse(String(contents.get("data.json")));
  change(data);
  return open(await packBundle(new Map([...contents, ["data.json", Buffer.from(JSON.stringify(data))]])));
}

describe("diffPolicies", () => {
  let bundle: PolicyBundle;
  let asked: AskedQuestion;

  beforeAll(async () => {
    bundle = await open(built);
    const { decisions, ...answered } = await bundle.decideFields({
      facts: {
        caller: {
          kind: "identified",
          roles: ["analyst"],
          scopes: [],
          clearance: "amber",
          purpose: "research",
        },
      },
      requests: ["Query.controls", "Query.violations"].map((coordinate) => ({
        coordinate,
        authenticated: true,
        scopes: null,
        policies: [[coordinate === "Query.controls" ? "analysis" : "compliance"]],
      })),
    });
    asked = {
      id: questionIdOf(bundle.digest, answered.asked.entrypoint, answered.inputHash, "of verdicts"),
      bundle: bundle.digest,
      ...answered.asked,
      masked: [],
      verdicts: decisions.map(({ outcome, reason, rule }, at): RecordedQuestion["verdicts"][number] => ({
        coordinate: at === 0 ? "Query.controls" : "Query.violations",
        outcome,
        reason,
        rule,
        count: 1,
        dryRun: [],
      })),
      decisions: 12,
      operations: ["Overview"],
      tenants: ["acme"],
      callers: 3,
    };
    expect(asked.verdicts.map(({ outcome }) => outcome)).toEqual(["allow", "deny"]);
    expect(answered.inputHash).toBe(createHash("sha256").update(answered.asked.input).digest("hex"));
  });

  test("finds nothing between a bundle and itself", async () => {
    const diff = await diffPolicies(bundle, [asked]);
    expect(diff).toMatchObject({ questions: 1, decisions: 12, changed: [], failed: [], masked: 0 });
    expect(formatDiff(diff)).toContain("no outcome changes");
  });

  test("tells whom a changed rule grants more, and whom less, by operation, caller and coordinate", async () => {
    const candidate = await withData(({ access }) => {
      access.labels.compliance = { roles: ["analyst"] };
      access.labels.analysis = { roles: ["administrator"] };
    });
    const diff = await diffPolicies(candidate, [asked]);
    expect(
      diff.changed[0]?.differences.map(({ coordinate, recorded, replayed }) => [
        coordinate,
        recorded.outcome,
        replayed.outcome,
      ]),
    ).toEqual([
      ["Query.controls", "allow", "deny"],
      ["Query.violations", "deny", "allow"],
    ]);
    const told = formatDiff(diff);
    expect(told).toContain("1 questions are answered differently (12 decisions)");
    expect(told).toContain("Overview: 12 decisions of 3 callers of acme, kind identified, roles [analyst]");
    expect(told).toContain("Query.violations    deny POLICY_NOT_SATISFIED access.labels  →  allow");
  });

  test("tells what it cannot ask, and what a candidate does not answer", async () => {
    const unknown = { ...asked, entrypoint: "atlas/nothing" };
    const diff = await diffPolicies(bundle, [{ ...asked, input: null }, unknown]);
    expect(diff).toMatchObject({
      masked: 1,
      failed: [{ problem: expect.stringContaining("atlas/nothing") }],
    });
    expect(formatDiff(diff)).toContain("1 questions get no answer, which means deny");
  });

  test("tells which facts a candidate reads that are not on record", async () => {
    const diff = await diffPolicies(bundle, [
      { ...asked, input: '{"caller":{},"requests":[]}', verdicts: [] },
    ]);
    expect(diff.unrecorded).toContain("caller.roles");
  });
});
