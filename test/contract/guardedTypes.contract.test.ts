/** What rules and supergraph make of each other: the types whose rows are decided about. The case tables of policies/ speak of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { findGuardedObjects } from "../../gateway/stages/objects/guardedObjects.ts";
import { assertLabelsKnown } from "../../gateway/supergraph/assertLabelsKnown.ts";
import { loadSupergraph } from "../../gateway/supergraph/loadSupergraph.ts";
import type { Supergraph } from "../../gateway/supergraph/supergraph.ts";
import { loadPolicyBundle, type PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";

const table = new URL("../../policies/cases/types.json", import.meta.url);

describe("policies and supergraph", () => {
  let supergraph: Supergraph;
  let bundle: PolicyBundle;
  beforeAll(async () => {
    supergraph = await loadSupergraph(fileURLToPath(new URL("../../supergraph.yaml", import.meta.url)));
    bundle = await loadPolicyBundle(new URL("../../policies/bundle/atlas.tar.gz", import.meta.url), {
      trust: { kind: "unsigned" },
    });
  });

  test("agree on the types that the case tables speak of", () => {
    const { apiSchema, facts } = supergraph;
    const guarded = findGuardedObjects(apiSchema, facts.classes, bundle.catalogue);
    const types = Object.fromEntries(
      [...guarded]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { type }]) => [name, { ...type, rules: [...type.rules].sort() }]),
    );
    if (process.env.WRITE) writeFileSync(table, `${JSON.stringify({ types }, null, 2)}\n`);
    expect(JSON.parse(readFileSync(table, "utf8"))).toEqual({ types });
  });

  test("agree on labels", () => {
    expect(() => assertLabelsKnown(supergraph.facts.security, bundle.catalogue.labels)).not.toThrow();
  });
});
