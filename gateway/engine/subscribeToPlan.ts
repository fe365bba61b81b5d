/** A subscription: events come from the subgraph that owns the field, and each is completed by the rest of the plan. */
import type { GraphQLError, GraphQLSchema } from "graphql";
import { shapeAnswer } from "./answer/shapeAnswer.ts";
import type { Answer, SubgraphAnswer } from "./engine.ts";
import type { Slot } from "./execution/collectSlots.ts";
import { createData } from "./execution/data.ts";
import { toSubgraphCall } from "./execution/executeFetch.ts";
import { executePlan } from "./execution/executePlan.ts";
import { failFetch } from "./execution/failFetch.ts";
import { receiveAnswer } from "./execution/receiveAnswer.ts";
import type { RunningOperation } from "./execution/runningOperation.ts";
import { toClientError } from "./execution/toClientError.ts";
import { mapEvents } from "./mapEvents.ts";
import type { QueryPlan } from "./planning/queryPlan.ts";

type SubscriptionPlan = Extract<QueryPlan, { kind: "subscription" }>;

export function subscribeToPlan<Context>(
  schema: GraphQLSchema,
  running: RunningOperation<Context>,
  plan: SubscriptionPlan,
): AsyncIterable<Answer> | { readonly errors: readonly GraphQLError[] } {
  const toErrors = (error: unknown) => ({ errors: [toClientError(running, plan.primary, error, [])] });
  try {
    const events = running.transport.subscribe(toSubgraphCall(running, plan.primary, []));
    return mapEvents(events, (event) => completeEvent(schema, running, plan, event), toErrors);
  } catch (error) {
    return toErrors(error);
  }
}

/** Each event is an execution of its own: an error in one says nothing about the next. */
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
