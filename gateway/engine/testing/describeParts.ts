/** Random operations with deferred fragments over the shop: put together, the parts are what one server answers at once. */
import { setImmediate } from "node:timers/promises";
import { afterAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ExecutionResult, type GraphQLError, parse, validate } from "graphql";
import { createEngine } from "../createEngine.ts";
import { createPlannerPool } from "../planning/createPlannerPool.ts";
import type { TestGraph } from "./composeForTest.ts";
import { generateOperation } from "./generateOperation.ts";
import { type MergedAnswer, mergeParts } from "./mergeParts.ts";
import { createShop, executeAsMonolith } from "./shop/createShop.ts";
import { withText } from "./withText.ts";

type Options = {
  readonly queries: number;
  readonly mutations: number;
  /** Without one, another each time; a failure prints it. */
  readonly seed?: number;
  readonly timeoutMs: number;
};

/** Declares the tests. */
export function describeParts({ queries, mutations, seed, timeoutMs }: Options): void {
  const shop = createShop();
  const pool = createPlannerPool({
    sdl: shop.supergraph.sdl,
    planner: "hive",
    workers: 1,
    timeoutMs,
    waitingMax: 10,
  });
  /** Which answers are slow is different each time, so parts come in any order. */
  let pickTurns = () => 0;
  const transport: TestGraph["transport"] = {
    ...shop.transport,
    request: async (call) => {
      for (let turns = pickTurns(); turns > 0; turns -= 1) await setImmediate();
      return shop.transport.request(call);
    },
  };
  const engine = createEngine({ ...shop, transport: withText(transport), planner: pool });
  const { schema } = engine;
  afterAll(() => pool.close());

  test.each([
    ["query", queries],
    ["mutation", mutations],
  ] as const)(
    "an answer in parts is the whole answer of any %s",
    async (kind, numRuns) => {
      let deferred = 0;
      const property = fc.asyncProperty(fc.gen(), async (gen) => {
        const pick = (bound: number) => gen(fc.nat, { max: Math.max(0, bound - 1) });
        const { source, variables } = generateOperation(schema, kind, pick, true);
        const document = parse(source);
        fc.pre(source.includes("@defer") && validate(schema, document).length === 0);
        try {
          pickTurns = () => pick(8);
          const plan = await engine.plan(document, undefined);
          const request = { variables, context: undefined, signal: new AbortController().signal };
          const merged = await mergeParts(await engine.executeDeferred(plan, request));
          const expected = executeAsMonolith({ schema, document, variableValues: variables });
          deferred += merged.deliveries.length > 0 ? 1 : 0;
          expectSame(merged, expected);
        } catch (cause) {
          throw new Error(`${source}\n${JSON.stringify(variables)}`, { cause });
        }
      });
      await fc.assert(property, { ...(seed === undefined ? {} : { seed }), numRuns });
      // The others had nothing to fetch for what they defer, or nothing there to fetch it for.
      expect(deferred).toBeGreaterThan(kind === "query" ? numRuns / 4 : 0);
    },
    timeoutMs,
  );
}

function expectSame({ data, errors, failed }: MergedAnswer, expected: ExecutionResult): void {
  expectEqual(data, JSON.parse(JSON.stringify(expected.data ?? null)), "", (path) =>
    failed.some((place) => `.${place.join(".")}`.startsWith(path)),
  );
  const told = new Set(errors.map((error) => placeOf(error, expected.data)));
  for (const error of expected.errors ?? []) expect(told).toContain(placeOf(error, expected.data));
  if (!expected.errors) expect(errors).toEqual([]);
}

/** A null that went up through a deferred fragment stops there, so what is above is kept. */
function expectEqual(
  came: unknown,
  expected: unknown,
  path: string,
  mayBeKept: (path: string) => boolean,
): void {
  if (expected === null && came !== null && mayBeKept(path)) return;
  if (!isContainer(came) || !isContainer(expected)) {
    expect({ path, value: came }).toEqual({ path, value: expected });
    return;
  }
  expect({ path, keys: Object.keys(came).sort() }).toEqual({ path, keys: Object.keys(expected).sort() });
  for (const key of Object.keys(expected))
    expectEqual(Reflect.get(came, key), Reflect.get(expected, key), `${path}.${key}`, mayBeKept);
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The null that an error is about. Which of several errors below a null is told is left open (§6.4.4). */
function placeOf({ path = [], message }: GraphQLError, data: unknown): string {
  let at = data;
  const depth = path.findIndex((step) => {
    if (typeof at !== "object" || at === null) return true;
    at = Reflect.get(at, step);
    return false;
  });
  return depth === -1 ? `${path.join(".")}: ${message}` : `below ${path.slice(0, depth).join(".")}`;
}
