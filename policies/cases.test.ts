/** The case tables through the WASM bundle that runs; `npm run policy:test` runs them through native OPA, which differs. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { readFieldTables, readRowTables, tableTypes } from "./cases/readTables.ts";
import { loadPolicyBundle, type PolicyBundle } from "./runtime/loadPolicyBundle.ts";

let bundle: PolicyBundle;
beforeAll(async () => {
  bundle = await loadPolicyBundle(new URL("./bundle/atlas.tar.gz", import.meta.url), {
    trust: { kind: "unsigned" },
  });
});

describe.each(readFieldTables())("fields: $table", ({ cases }) => {
  const decide = async (asked: typeof cases) => {
    const [first] = asked;
    const { decisions } = await bundle.decideFields({
      facts: { caller: first?.caller, environment: { profile: first?.profile } },
      requests: asked.map(({ request }) => request),
    });
    return decisions.map(({ reason, outcome }) => [reason, outcome]);
  };

  test.each(cases)("$name ($callerName)", async (entry) => {
    const outcome = entry.expected === "ALLOWED" ? "allow" : "deny";
    expect(await decide([entry])).toEqual([[entry.expected, outcome]]);
  });

  test("decides the same for many requests at once as for each alone", async () => {
    const byCaller = new Map<string, (typeof cases)[number][]>();
    for (const entry of cases) {
      const key = `${entry.callerName} ${entry.profile}`;
      byCaller.set(key, [...(byCaller.get(key) ?? []), entry]);
    }
    for (const group of byCaller.values())
      expect((await decide(group)).map(([reason]) => reason)).toEqual(group.map(({ expected }) => expected));
  });
});

describe.each(readRowTables())("rows: $table", ({ cases }) => {
  test.each(cases)("$name ($callerName)", async ({ caller, type, attributes, expected }) => {
    const { decisions } = await bundle.decideObjects({
      facts: { caller },
      types: tableTypes,
      objects: [{ type, attributes }],
    });
    expect(decisions).toEqual([{ ...expected, dry_run: [] }]);
  });

  test("decides the same for many rows at once as for each alone", async () => {
    const byCaller = new Map<string, (typeof cases)[number][]>();
    for (const entry of cases)
      byCaller.set(entry.callerName, [...(byCaller.get(entry.callerName) ?? []), entry]);
    for (const group of byCaller.values()) {
      const { decisions } = await bundle.decideObjects({
        facts: { caller: group[0]?.caller },
        types: tableTypes,
        objects: group.map(({ type, attributes }) => ({ type, attributes })),
      });
      expect(decisions.map(({ reason }) => reason)).toEqual(group.map(({ expected }) => expected.reason));
    }
  });
});
