/** Opened by `createPlannerPool`: reads the supergraph once, then plans one operation after another. */
import { parse } from "graphql";
import { parseSupergraph } from "../../supergraph/parseSupergraph.ts";
import { connectToOpener } from "../../workers/connectToOpener.ts";
import { yieldToServing } from "../../workers/yieldToServing.ts";
import { createPlanners, type PlannerName } from "./createPlanner.ts";

/** What the worker is opened with. */
export type PlanningWorkerData = {
  readonly sdl: string;
  readonly planner: PlannerName;
};

export type PlanningTask = { readonly operation: string; readonly planner: PlannerName };

export type PlanningReport =
  | { readonly kind: "ready" }
  /** The plan as JSON. */
  | { readonly kind: "planned"; readonly plan: string }
  | { readonly kind: "failed"; readonly reason: string };

yieldToServing();
const opener = await connectToOpener();
const report = (message: PlanningReport) => opener.post(message);

// Only `createPlannerPool` opens this module and sends it tasks.
const { sdl, planner: first } = opener.data as PlanningWorkerData;
const planners = createPlanners(parseSupergraph(sdl));
// Now, so that no operation's time goes into it.
planners[first]();

opener.onMessage(async (message) => {
  const { operation, planner } = message as PlanningTask;
  try {
    const plan = await planners[planner]().plan(parse(operation, { noLocation: true }));
    report({ kind: "planned", plan: JSON.stringify(plan) });
  } catch (thrown) {
    report({ kind: "failed", reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
report({ kind: "ready" });
