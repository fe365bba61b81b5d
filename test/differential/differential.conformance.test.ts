/** A short run of what `npm run test:differential` does at length. A failure prints what sees it again. */
import { describe, expect, test } from "@jest/globals";
import { plannerNames } from "../../gateway/engine/planning/createPlanner.ts";
import { findOperation, parseCaseName } from "./findCases.ts";
import { createGraph } from "./graph/createGraph.ts";
import { keptCases } from "./keptCases.ts";
import { printFailure } from "./printFailure.ts";
import { mixSeeds } from "./random.ts";
import { runCase } from "./runCase.ts";
import { runGraph } from "./runGraph.ts";
import { openDeferred, openEngine } from "./subjects.ts";

const SEED = 20_260;
const options = { hasFailingInputs: true };
/** Composition and planning take most of it, and other suites run beside it. */
const TIMEOUT_MS = 120_000;

describe.each(plannerNames)("with planner %s, generated operations", (planner) => {
  test.each([0, 1, 2])(
    "over generated graph %i are answered as one server would",
    async (at) => {
      const seed = mixSeeds(SEED, at);
      const graph = createGraph(seed, options);
      await using opened = openEngine(graph, planner);
      const { failures, counts } = await runGraph(graph, seed, 40, opened.subjects);
      const printed = failures.map((failure) => printFailure(failure.name, { graph, ...failure }));
      expect(printed.join("\n")).toBe("");
      expect(counts.query + counts.mutation + counts.subscription).toBe(40);
    },
    TIMEOUT_MS,
  );

  test(
    "with @defer over a generated graph are answered in parts that make the same answer",
    async () => {
      const seed = mixSeeds(SEED, 3);
      const graph = createGraph(seed, options);
      await using opened = openDeferred(graph, planner);
      const { failures } = await runGraph(graph, seed, 30, opened.subjects, ["query", "mutation"], true);
      const printed = failures.map((failure) => printFailure(failure.name, { graph, ...failure }));
      expect(printed.join("\n")).toBe("");
    },
    TIMEOUT_MS,
  );
});

describe("a case that once differed", () => {
  test.each(keptCases)(
    "%s is answered as one server would",
    async (name) => {
      const { graph: seed, operation: at } = parseCaseName(name);
      const graph = createGraph(seed, options);
      const operation = findOperation(graph.schema, seed, at);
      if (!operation) throw new Error(`${name} is no case of the generators any more: take it off the list.`);
      await using opened = openEngine(graph, "apollo");
      const { difference } = await runCase(graph, opened.subjects, operation);
      expect(difference && printFailure(name, { graph, operation, difference })).toBeUndefined();
    },
    TIMEOUT_MS,
  );
});
