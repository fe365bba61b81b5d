import { type ExecutionResult, parse, validate } from "graphql";
import { createEngine, type EngineOptions } from "../createEngine.ts";
import type { Engine, SubgraphAnswer, SubgraphCall } from "../engine.ts";
import { fromByteText } from "../execution/compiled/shape.ts";
import type { TestGraph } from "./composeForTest.ts";
import { withText } from "./withText.ts";

type Options = Partial<EngineOptions<undefined>> & {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  /** What a subgraph answers instead, when this returns something. */
  readonly intercept?: (call: SubgraphCall<undefined>) => unknown;
};

/** Validates, plans and executes, in general and compiled, which must be the same; the result is as JSON would carry it. */
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
  const engine = createEngine({ ...graph, transport: withText(transport), ...rest });
  const document = parse(source);
  const faults = validate(engine.schema, document);
  if (faults.length > 0) throw new AggregateError(faults, faults.join("\n"));
  const plan = await engine.plan(document, undefined);
  const request = { variables, context: undefined, signal };
  const before = graph.calls.length;
  const answer = JSON.stringify(await engine.execute(plan, request));
  graph.calls.length = before;
  const compiled = await toJson(engine.executeText(plan, request));
  if (compiled !== answer) throw new Error(`compiled: ${compiled}\nin general: ${answer}`);
  return JSON.parse(answer);
}

/** What is sent to a client in the end. */
export async function toJson(answered: ReturnType<Engine<undefined>["executeText"]>): Promise<string> {
  const answer = await answered;
  return answer.kind === "text" ? fromByteText(answer.text) : JSON.stringify(answer.answer);
}
