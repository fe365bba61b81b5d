/**
 * Runs on a thread of its own: reads the supergraph once, then plans one operation after another. Documents arrive as
 * text, plans leave as JSON.
 */
import { parentPort, workerData } from "node:worker_threads";
import { parse } from "graphql";
import { parseSupergraph } from "../../supergraph/supergraph.ts";
import { yieldToServing } from "../../threads/yieldToServing.ts";
import { createPlanner, type PlannerName } from "./createPlanner.ts";

/** What the thread is started with. */
export type PlanningThreadData = { readonly sdl: string; readonly planner: PlannerName };

export type PlanningReport =
  | { readonly kind: "ready" }
  | { readonly kind: "planned"; readonly plan: string }
  | { readonly kind: "failed"; readonly reason: string };

yieldToServing();
// Only `createPlannerPool` starts this module, with data of this form.
const { sdl, planner: name } = workerData as PlanningThreadData;
const planner = createPlanner(name, parseSupergraph(sdl));

const report = (message: PlanningReport) => parentPort?.postMessage(message);

parentPort?.on("message", async (text: string) => {
  try {
    const plan = await planner.plan(parse(text, { noLocation: true }));
    report({ kind: "planned", plan: JSON.stringify(plan) });
  } catch (thrown) {
    report({ kind: "failed", reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
report({ kind: "ready" });
