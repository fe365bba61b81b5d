import { type ExecutionResult, parse, validate } from "graphql";
import { createEngine, type EngineOptions } from "../createEngine.ts";
import type { SubgraphAnswer, SubgraphCall } from "../engine.ts";
import type { TestGraph } from "./composeForTest.ts";

type Options = Partial<EngineOptions<undefined>> & {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  /** What a subgraph answers instead, when this returns something. */
  readonly intercept?: (call: SubgraphCall<undefined>) => unknown;
};

/** Validates, plans and executes; the result is as JSON would carry it. */
export async function runOperation(
  graph: TestGraph,
  source: string,
  {
    variables = {},
    signal = new AbortController().signal,
    intercept = () => undefined,
    ...rest
  }: Options = {},
): Promise<ExecutionResult> {
  const transport: TestGraph["transport"] = {
    ...graph.transport,
    // What tests make up is "parsed but not trusted", as the transport promises no more.
    request: async (call) => (intercept(call) as SubgraphAnswer | undefined) ?? graph.transport.request(call),
  };
  const engine = createEngine({ ...graph, transport, ...rest });
  const document = parse(source);
  const faults = validate(engine.schema, document);
  if (faults.length > 0) throw new AggregateError(faults, faults.join("\n"));
  const plan = await engine.plan(document, undefined);
  return JSON.parse(JSON.stringify(await engine.execute(plan, { variables, context: undefined, signal })));
}
