/** What is compared with the monolith, opened for one graph. */
import { createEngine } from "../../gateway/engine/createEngine.ts";
import { createPlanners, type PlannerName } from "../../gateway/engine/planning/createPlanner.ts";
import { createPlannerPool } from "../../gateway/engine/planning/createPlannerPool.ts";
import { withText } from "../../gateway/engine/testing/withText.ts";
import type { GeneratedGraph } from "./graph/createGraph.ts";
import { createEngineSubjects, type Subject } from "./runCase.ts";

export type OpenSubjects = AsyncDisposable & { readonly subjects: Readonly<Record<string, Subject>> };

/** The engine in this process. Hive's planner may end its process on an operation, so it has one of its own. */
export function openEngine({ graph }: GeneratedGraph, planner: PlannerName): OpenSubjects {
  const transport = withText(graph.transport);
  if (planner === "apollo") {
    const engine = createEngine({ ...graph, transport, planner: createPlanners(graph.parsed).apollo() });
    return { subjects: createEngineSubjects({ ...graph, engine }), [Symbol.asyncDispose]: async () => {} };
  }
  const limits = { workers: 1, timeoutMs: PLANNING_MS, waitingMax: 10 };
  const pool = createPlannerPool({ sdl: graph.supergraph.sdl, planner, ...limits });
  const engine = createEngine({ ...graph, transport, planner: pool });
  return { subjects: createEngineSubjects({ ...graph, engine }), [Symbol.asyncDispose]: () => pool.close() };
}

/** What takes longer would be a failure; nothing that is generated should. */
const PLANNING_MS = 60_000;
