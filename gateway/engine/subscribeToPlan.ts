/** A subscription: events come from the subgraph that owns the field, and each is completed by the rest of the plan. */
import type { GraphQLSchema } from "graphql";
import { shapeAnswer } from "./answer/shapeAnswer.ts";
import type { Answer, StartedSubscription, SubgraphAnswer } from "./engine.ts";
import type { Slot } from "./execution/collectSlots.ts";
import { createData } from "./execution/data.ts";
import { toSubgraphCall } from "./execution/executeFetch.ts";
import { executePlan } from "./execution/executePlan.ts";
import { failFetch } from "./execution/failFetch.ts";
import { receiveAnswer } from "./execution/receiveAnswer.ts";
import type { RunningOperation } from "./execution/runningOperation.ts";
import { toClientError } from "./execution/toClientError.ts";
import type { QueryPlan } from "./planning/queryPlan.ts";

type SubscriptionPlan = Extract<QueryPlan, { kind: "subscription" }>;

export function subscribeToPlan<Context>(
  schema: GraphQLSchema,
  running: RunningOperation<Context>,
  plan: SubscriptionPlan,
): StartedSubscription<Context> {
  return {
    kind: "started",
    call: toSubgraphCall(running, plan.primary, []),
    completeEvent: (event) => completeEvent(schema, running, plan, event),
    toLastAnswer: (thrown) => ({ errors: [toClientError(running, plan.primary, thrown, [])] }),
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
