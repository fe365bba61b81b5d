/** What is compared with the monolith, opened for one graph. */
import { setImmediate } from "node:timers/promises";
import { createEngine } from "../../gateway/engine/createEngine.ts";
import type { Engine, SubgraphTransport } from "../../gateway/engine/engine.ts";
import { createPlanners, type PlannerName } from "../../gateway/engine/planning/createPlanner.ts";
import { createPlannerPool } from "../../gateway/engine/planning/createPlannerPool.ts";
import type { Planner } from "../../gateway/engine/planning/planner.ts";
import { withText } from "../../gateway/engine/testing/withText.ts";
import type { GeneratedGraph } from "./graph/createGraph.ts";
import { hashText } from "./random.ts";
import { createDeferredSubject, createEngineSubjects, type Subject } from "./runCase.ts";

export type OpenSubjects = AsyncDisposable & { readonly subjects: Readonly<Record<string, Subject>> };

/** The engine in this process, general and compiled. */
export function openEngine({ graph }: GeneratedGraph, planner: PlannerName): OpenSubjects {
  return open({ graph }, planner, graph.transport, (engine, generalEngine) =>
    createEngineSubjects({ ...graph, engine, generalEngine }),
  );
}

/** The engine in this process, answering in parts. */
export function openDeferred({ graph }: GeneratedGraph, planner: PlannerName): OpenSubjects {
  const transport: typeof graph.transport = {
    ...graph.transport,
    // Some answers are slower than others, so parts come in any order, the same each time.
    request: async (call) => {
      for (let turns = hashText(call.query) % 8; turns > 0; turns -= 1) await setImmediate();
      return graph.transport.request(call);
    },
  };
  return open({ graph }, planner, transport, (engine) => createDeferredSubject({ engine }));
}

/** Hive's planner may end its process on an operation, so it has one of its own. */
function open(
  { graph }: Pick<GeneratedGraph, "graph">,
  planner: PlannerName,
  request: SubgraphTransport<undefined>,
  createSubjects: (engine: Engine<undefined>, general: Engine<undefined>) => OpenSubjects["subjects"],
): OpenSubjects {
  const createAll = (planner: Planner) =>
    createSubjects(
      createEngine({ ...graph, transport: withText(request), planner }),
      createEngine({ ...graph, transport: request, planner }),
    );
  if (planner === "apollo")
    return {
      subjects: createAll(createPlanners(graph.parsed).apollo()),
      [Symbol.asyncDispose]: async () => {},
    };
  const limits = { workers: 1, timeoutMs: PLANNING_MS, waitingMax: 10 };
  const pool = createPlannerPool({ sdl: graph.supergraph.sdl, planner, ...limits });
  return { subjects: createAll(pool), [Symbol.asyncDispose]: () => pool.close() };
}

/** What takes longer would be a failure; nothing that is generated should. */
const PLANNING_MS = 60_000;
