/** The case tables through the WASM bundle that runs; `npm run policy:test` runs them through native OPA, which differs. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { createEvaluator, type Evaluator } from "../runtime/createEvaluator.ts";
import { readBundle } from "../runtime/readBundle.ts";

type Case = {
  readonly name: string;
  readonly caller: string;
  readonly profile: string;
  /** Malformed on purpose in some cases. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly expected: string;
};

const readTable = (name: string) =>
  JSON.parse(readFileSync(new URL(`./cases/${name}.json`, import.meta.url), "utf8"))[name];
const callers: Readonly<Record<string, object>> = readTable("callers");

describe.each(["anonymous", "directives", "labels", "malformed"])("case table %s", (table) => {
  const cases: readonly Case[] = readTable(table);
  let evaluator: Evaluator;

  beforeAll(async () => {
    const { wasm, data } = await readBundle(
      readFileSync(new URL("../bundle/atlas.tar.gz", import.meta.url)),
      { kind: "unsigned" },
    );
    evaluator = await createEvaluator(wasm, data);
  });

  const decide = async (asked: readonly Case[]) => {
    const [{ caller = "", profile = "" } = {}] = asked;
    return evaluator.evaluate("atlas/access/fields/decisions", {
      caller: callers[caller],
      operation: { kind: "query", name: null },
      environment: { profile },
      requests: asked.map(({ request }, id) => ({ ...request, id })),
    });
  };

  test.each(cases)("$name ($caller)", async (entry) => {
    expect(callers).toHaveProperty([entry.caller]);
    expect(await decide([entry])).toEqual([
      { id: 0, allow: entry.expected === "ALLOWED", reason: entry.expected },
    ]);
  });

  test("decides the same for many requests at once as for each alone", async () => {
    const groups = new Map<string, Case[]>();
    for (const entry of cases) {
      const key = `${entry.caller} ${entry.profile}`;
      groups.set(key, [...(groups.get(key) ?? []), entry]);
    }
    for (const group of groups.values()) {
      expect(await decide(group)).toEqual(
        group.map(({ expected }, id) => ({ id, allow: expected === "ALLOWED", reason: expected })),
      );
    }
  });
});
