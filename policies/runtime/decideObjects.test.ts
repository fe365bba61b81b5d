import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { tableTypes } from "../cases/readTables.ts";
import { batch } from "../differential/generateInputs.ts";
import { loadPolicyBundle, type PolicyBundle } from "./loadPolicyBundle.ts";

let bundle: PolicyBundle;
beforeAll(async () => {
  bundle = await loadPolicyBundle(new URL("../bundle/atlas.tar.gz", import.meta.url), {
    trust: { kind: "unsigned" },
  });
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

describe("decideObjects", () => {
  test("asks in two steps and answers as the question that is recorded, for random rows and callers", async () => {
    let rows = 0;
    await fc.assert(
      fc.asyncProperty(batch, async ({ objects, ...facts }) => {
        // What a host cannot ask: of types that the policies are not told of.
        const asked = objects.flatMap(({ type, attributes }) =>
          typeof type === "string" && Object.hasOwn(tableTypes, type) && isRecord(attributes)
            ? [{ type, attributes }]
            : [],
        );
        rows += asked.length;
        const { decisions, asked: recorded } = await bundle.decideObjects({
          facts,
          types: tableTypes,
          objects: asked,
        });
        const whole = await bundle.evaluate(recorded.entrypoint, recorded.input);
        expect(decisions.map((decision, id) => ({ ...decision, id }))).toEqual(whole);
      }),
      { seed: 5, numRuns: 1_500 },
    );
    expect(rows).toBeGreaterThan(2_000);
  });

  test("tells rows apart whose attributes read alike one after the other", async () => {
    const objects = [
      { marking: "AMBER", residency: "US" },
      { marking: "AMBER;2:US", residency: "" },
      { marking: "AMBER", residency: null },
      { marking: "AMBER", residency: "null" },
      { marking: "AMBER" },
    ].map((attributes) => ({ type: "RiskAssessment", attributes }));
    const caller = { clearance: "amber", jurisdiction: "us", purpose: "research" };
    const { decisions } = await bundle.decideObjects({ facts: { caller }, types: tableTypes, objects });
    expect(decisions.map(({ outcome, rule }) => [outcome, rule])).toEqual([
      ["allow", ""],
      ["drop", "access.clearance"],
      ["drop", "residency.crossing"],
      ["drop", "residency.crossing"],
      ["drop", "residency.crossing"],
    ]);
  });

  test("has no answer about objects of a type that nobody told of", async () => {
    await expect(
      bundle.decideObjects({ facts: {}, types: {}, objects: [{ type: "Signal", attributes: {} }] }),
    ).rejects.toThrow("no rules are told of for objects of Signal");
  });
});
