/** The answers of a subscription whose source is asked once, as the gateway has them while its supergraph stays. */
import type { DocumentNode } from "graphql";
import type { Answer, Engine, SubgraphAnswer, SubgraphCall } from "../engine.ts";

export type SubscribeSubgraphForTest = (call: SubgraphCall<undefined>) => AsyncIterable<SubgraphAnswer>;

export async function subscribeEngine(
  engine: Engine<undefined>,
  subscribe: SubscribeSubgraphForTest,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<readonly Answer[]> {
  const plan = await engine.plan(document, undefined);
  const { signal } = new AbortController();
  const started = await engine.startSubscription(plan, { variables, context: undefined, signal });
  if (started.kind === "refused") return [{ errors: started.errors }];
  const answers: Answer[] = [];
  try {
    for await (const event of subscribe(started.call)) answers.push(await started.completeEvent(event));
  } catch (thrown) {
    answers.push(started.toLastAnswer(thrown));
  }
  return answers.map((answer) => JSON.parse(JSON.stringify(answer)));
}
