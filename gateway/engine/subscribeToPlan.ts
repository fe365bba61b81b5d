/** A subscription: events come from the subgraph that owns the field, and each is completed by the rest of the plan. */
import type { GraphQLSchema } from "graphql";
import { shapeAnswer } from "./answer/shapeAnswer.ts";
import type { Answer, StartedSubscription, SubgraphAnswer, SubgraphText } from "./engine.ts";
import type { Slot } from "./execution/collectSlots.ts";
import { SentCalls } from "./execution/compiled/sentCalls.ts";
import { fromByteText } from "./execution/compiled/shape.ts";
import { createData, isObject } from "./execution/data.ts";
import { toSubgraphCall } from "./execution/executeFetch.ts";
import { executePlan } from "./execution/executePlan.ts";
import { failFetch } from "./execution/failFetch.ts";
import { receiveAnswer } from "./execution/receiveAnswer.ts";
import type { RunningOperation } from "./execution/runningOperation.ts";
import { toClientError } from "./execution/toClientError.ts";
import type { QueryPlan } from "./planning/queryPlan.ts";

type SubscriptionPlan = Extract<QueryPlan, { kind: "subscription" }>;

/** The answer as text; undefined when the general executor has to make it, on the answers that `sent` has noted. */
export type ExecuteAsText<Context> = (
  running: RunningOperation<Context>,
  sent: SentCalls,
) => Promise<string | undefined>;

export function subscribeToPlan<Context>(
  schema: GraphQLSchema,
  running: RunningOperation<Context>,
  plan: SubscriptionPlan,
  executeAsText: ExecuteAsText<Context>,
): StartedSubscription<Context> {
  return {
    kind: "started",
    call: toSubgraphCall(running, plan.primary, []),
    completeEvent: async (event) => {
      const sent = new SentCalls();
      const text = isWhole(event) ? await executeAsText(withEvent(running, event), sent) : undefined;
      if (text !== undefined) return JSON.parse(fromByteText(text));
      const replaying = { ...running, transport: sent.replay(running.transport) };
      return completeEvent(schema, replaying, plan, event);
    },
    toLastAnswer: (thrown) => ({ errors: [toClientError(running, plan.primary, thrown, [])] }),
  };
}

function isWhole({ data, errors }: SubgraphAnswer): boolean {
  return isObject(data) && (errors === undefined || (Array.isArray(errors) && errors.length === 0));
}

/** The event in place of the source's answer; all else is asked as ever. */
function withEvent<Context>(
  running: RunningOperation<Context>,
  event: SubgraphAnswer,
): RunningOperation<Context> {
  const { requestText, ...transport } = running.transport;
  if (!requestText) return running;
  const answer: SubgraphText = {
    // As a subgraph would print it.
    bytes: Buffer.from(JSON.stringify({ data: event.data })),
    isPlain: true,
    parse: () => event,
  };
  return {
    ...running,
    failures: [],
    transport: {
      ...transport,
      requestText: (call) =>
        call.operationKind === "subscription" ? Promise.resolve(answer) : requestText(call),
    },
  };
}

async function completeEvent<Context>(
  schema: GraphQLSchema,
  subscription: RunningOperation<Context>,
  { primary, rest }: SubscriptionPlan,
  event: SubgraphAnswer,
): Promise<Answer> {
  const running: RunningOperation<Context> = { ...subscription, failures: [] };
  const data = createData();
  const root = { object: data, path: [] };
  const slots: Slot[] = [{ representation: undefined, targets: [root] }];
  try {
    receiveAnswer(running, primary, slots, event);
  } catch (error) {
    failFetch(running, primary, slots, error);
  }
  await executePlan(running, rest, [root]);
  return shapeAnswer(schema, running, data);
}
