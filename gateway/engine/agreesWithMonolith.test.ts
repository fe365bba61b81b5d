/** Random operations over the shop: the engine must answer as one graphql-js server over the same rows does. */
import { afterAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ExecutionResult, type GraphQLError, type GraphQLSchema, parse, validate } from "graphql";
import { createEngine } from "./createEngine.ts";
import type { Answer } from "./engine.ts";
import { fromByteText } from "./execution/compiled/shape.ts";
import { createPlannerPool } from "./planning/createPlannerPool.ts";
import { generateOperation } from "./testing/generateOperation.ts";
import { createShop, executeAsMonolith, subscribeAsMonolith } from "./testing/shop/createShop.ts";
import { subscribeEngine } from "./testing/subscribeEngine.ts";
import { withText } from "./testing/withText.ts";

const shop = createShop();
const seed = 20_260;
/** Planning takes most of it, and other suites run beside it. */
const TIMEOUT_MS = 120_000;

describe.each(["apollo", "hive"] as const)("the engine with planner %s", (planner) => {
  const pool = createPlannerPool({
    sdl: shop.supergraph.sdl,
    planner,
    workers: 1,
    timeoutMs: TIMEOUT_MS,
    waitingMax: 10,
  });
  const engine = createEngine({ ...shop, transport: withText(shop.transport), planner: pool });
  afterAll(() => pool.close());

  test.each(["query", "mutation"] as const)(
    "answers any %s as one server would",
    async (kind) => {
      await checkOperations(engine.schema, kind, async (source, variables) => {
        const document = parse(source);
        const plan = await engine.plan(document, undefined);
        const request = { variables, context: undefined, signal: NEVER };
        const answer = await engine.execute(plan, request);
        const compiled = await engine.executeText(plan, request);
        const expected = executeAsMonolith({ schema: engine.schema, document, variableValues: variables });
        expectSame(answer, expected);
        if (compiled.kind === "answer") expectSame(compiled.answer, expected);
        else expect(fromByteText(compiled.text)).toBe(JSON.stringify({ data: expected.data }));
      });
    },
    TIMEOUT_MS,
  );

  test(
    "answers each event of any subscription as one server would",
    async () => {
      await checkOperations(engine.schema, "subscription", async (source, variables) => {
        const document = parse(source);
        const answers = await subscribeEngine(engine, shop.subscribe, document, variables);
        const expected = await collect(
          await subscribeAsMonolith({ schema: engine.schema, document, variableValues: variables }),
        );
        expect(answers).toHaveLength(expected.length);
        answers.forEach((answer, at) => {
          expectSame(answer, expected[at] ?? {});
        });
      });
    },
    TIMEOUT_MS,
  );
});

const NEVER = new AbortController().signal;

type Check = (source: string, variables: Readonly<Record<string, unknown>>) => Promise<void>;

/** A failure shrinks to a small operation and prints it with its seed and path. */
async function checkOperations(
  schema: GraphQLSchema,
  kind: "query" | "mutation" | "subscription",
  check: Check,
): Promise<void> {
  const property = fc.asyncProperty(fc.gen(), async (gen) => {
    const pick = (bound: number) => gen(fc.nat, { max: Math.max(0, bound - 1) });
    const { source, variables } = generateOperation(schema, kind, pick);
    fc.pre(validate(schema, parse(source)).length === 0);
    await check(source, variables).catch((error: unknown) => {
      throw new Error(`${source}\n${JSON.stringify(variables)}`, { cause: error });
    });
  });
  await fc.assert(property, { seed, numRuns: kind === "query" ? 200 : 40 });
}

/** Data and key order are equal, and each null that an error explains there is explained by an error here. */
function expectSame(answer: Answer, expected: ExecutionResult): void {
  expect(JSON.stringify(answer.data)).toBe(JSON.stringify(expected.data));
  const places = new Set(answer.errors?.map((error) => placeOf(error, answer.data)));
  for (const error of expected.errors ?? []) expect(places).toContain(placeOf(error, expected.data));
  if (!expected.errors) expect(answer.errors).toBeUndefined();
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

async function collect<Result>(source: AsyncIterable<Result> | ExecutionResult | object): Promise<Result[]> {
  if (!(Symbol.asyncIterator in source)) throw new Error(JSON.stringify(source));
  const results: Result[] = [];
  for await (const result of source as AsyncIterable<Result>) results.push(result);
  return results;
}
