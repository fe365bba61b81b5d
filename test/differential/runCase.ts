/** One operation on a gateway's engine and on the monolith. */
import type { ExecutionResult } from "graphql";
import type { Engine } from "../../gateway/engine/engine.ts";
import { fromByteText } from "../../gateway/engine/execution/compiled/shape.ts";
import { subscribeEngine } from "../../gateway/engine/testing/subscribeEngine.ts";
import { findDifference } from "./compareAnswers.ts";
import { findDifferenceInParts } from "./compareParts.ts";
import type { GeneratedGraph } from "./graph/createGraph.ts";
import { type MergedAnswer, mergeParts } from "./mergeParts.ts";
import type { GeneratedOperation } from "./operation.ts";

export type Difference = {
  readonly what: string;
  readonly answer: unknown;
  readonly expected: unknown;
};

/** What answers operations: the engine, general or compiled, a gateway over HTTP, another gateway. */
export type Subject = (operation: GeneratedOperation) => Promise<readonly (ExecutionResult | MergedAnswer)[]>;

export type CaseOutcome = { readonly hasErrors: boolean; readonly difference: Difference | undefined };

export async function runCase(
  graph: GeneratedGraph,
  subjects: Readonly<Record<string, Subject>>,
  operation: GeneratedOperation,
): Promise<CaseOutcome> {
  graph.reset();
  const expected = await collect(
    operation.kind === "subscription"
      ? graph.monolith.subscribe(operation)
      : graph.monolith.execute(operation),
  );
  const hasErrors = expected.some(({ errors }) => errors !== undefined);
  for (const [name, subject] of Object.entries(subjects)) {
    graph.reset();
    const difference = await compare(subject, operation, expected);
    if (difference) return { hasErrors, difference: { ...difference, what: `${name}: ${difference.what}` } };
  }
  return { hasErrors, difference: undefined };
}

async function compare(
  subject: Subject,
  operation: GeneratedOperation,
  expected: readonly ExecutionResult[],
): Promise<Difference | undefined> {
  const answers = await subject(operation).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  if (answers instanceof Error) return { what: answers.message, answer: undefined, expected };
  if (answers.length !== expected.length)
    return { what: `${answers.length} events in place of ${expected.length}`, answer: answers, expected };
  for (const [at, answer] of answers.entries()) {
    const wanted = expected[at] ?? {};
    const what = "failed" in answer ? findDifferenceInParts(answer, wanted) : findDifference(answer, wanted);
    if (what !== undefined) return { what, answer, expected: wanted };
  }
  return undefined;
}

type Opened = {
  readonly engine: Engine<undefined>;
  /** The same without texts: all it answers comes from the general executor. */
  readonly generalEngine: Engine<undefined>;
  readonly subscribe: Parameters<typeof subscribeEngine>[1];
};

/** The answer in parts, put together. `onAnswered` is told whether anything came later. */
export function createDeferredSubject(
  { engine }: Pick<Opened, "engine">,
  onAnswered: (isDeferred: boolean) => void = () => {},
): Readonly<Record<string, Subject>> {
  return {
    deferred: async ({ document, variables }) => {
      const plan = await engine.plan(document, undefined);
      const request = { variables, context: undefined, signal: NEVER };
      const merged = await mergeParts(await engine.executeDeferred(plan, request));
      onAnswered(merged.isDeferred);
      return [merged];
    },
  };
}

/** The general executor and the compiled one. */
export function createEngineSubjects({
  engine,
  generalEngine,
  subscribe,
}: Opened): Readonly<Record<string, Subject>> {
  const request = ({ variables }: GeneratedOperation) => ({ variables, context: undefined, signal: NEVER });
  const planOf = ({ document }: GeneratedOperation) => engine.plan(document, undefined);
  const events = (asked: Engine<undefined>, { document, variables }: GeneratedOperation) =>
    subscribeEngine(asked, subscribe, document, variables);
  return {
    general: async (operation) =>
      operation.kind === "subscription"
        ? events(generalEngine, operation)
        : [await engine.execute(await planOf(operation), request(operation))],
    compiled: async (operation) => {
      if (operation.kind === "subscription") return events(engine, operation);
      const answer = await engine.executeText(await planOf(operation), request(operation));
      return [answer.kind === "answer" ? answer.answer : JSON.parse(fromByteText(answer.text))];
    },
  };
}

const NEVER = new AbortController().signal;

/** The answer, or all events of a subscription. */
async function collect(answering: Promise<object>): Promise<ExecutionResult[]> {
  const answer = await answering;
  if (!(Symbol.asyncIterator in answer)) return [answer];
  const events: ExecutionResult[] = [];
  for await (const event of answer as AsyncIterable<ExecutionResult>) events.push(event);
  return events;
}
