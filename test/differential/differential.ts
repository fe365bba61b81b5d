/**
 * `npm run test:differential`: generated operations over generated graphs, answered by the gateway's engine (a share of
 * them by the gateway process over HTTP) and by one graphql-js execution. Ends with 1 when any two answers differ.
 */
import { findOperation } from "./findCases.ts";
import type { ModelOptions } from "./graph/addInputs.ts";
import { createGraph, type GeneratedGraph } from "./graph/createGraph.ts";
import { openApolloGateway } from "./openApolloGateway.ts";
import { openGateway } from "./openGateway.ts";
import type { OperationKind } from "./operation.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { printFailure } from "./printFailure.ts";
import { mixSeeds } from "./random.ts";
import { runCase } from "./runCase.ts";
import { type Failure, type GraphRun, runGraph } from "./runGraph.ts";
import { shrinkFailure } from "./shrinkFailure.ts";
import { type OpenSubjects, openDeferred, openEngine } from "./subjects.ts";

/** A graph costs a second, most of it for the planner's process. */
const casesOfGraph = 60;
/** The others are named only. */
const shrunkMax = 3;

const out = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  if (options.only) return runOnly(options, options.only);
  const shares: Share[] = [];
  for (const way of waysOf(options)) shares.push(await runShare(options, way));
  out(printTable(options, shares));
  return shares.some(({ failed }) => failed.length > 0) ? 1 : 0;
}

function waysOf(options: Options): Way[] {
  if (options.peer) return [peerShare(options)];
  return options.isDeferred ? [deferredShare(options)] : [processShare(options), httpShare(options)];
}

/** How a share of the cases is run. */
type Way = {
  readonly name: string;
  readonly cases: number;
  readonly firstGraph: number;
  readonly kinds: readonly OperationKind[];
  readonly model: ModelOptions;
  readonly open: (graph: GeneratedGraph, seed: number) => OpenSubjects | Promise<OpenSubjects>;
  /** Not for a graph that has no seed because parts were left out. */
  readonly shrinks: boolean;
  readonly isDeferred: boolean;
};

function processShare({ cases, httpCases, planner }: Options): Way {
  return {
    name: `atlas (${planner}), in process`,
    cases: cases - httpCases,
    firstGraph: 0,
    kinds: ["query", "mutation", "subscription"],
    model: { hasFailingInputs: true },
    open: (graph) => openEngine(graph, planner),
    shrinks: true,
    isDeferred: false,
  };
}

function httpShare({ httpCases, planner }: Options): Way {
  return {
    name: `atlas (${planner}), HTTP`,
    cases: httpCases,
    // Other graphs than the first share's.
    firstGraph: 1_000_000,
    kinds: ["query", "mutation"],
    model: { hasFailingInputs: true },
    open: (graph, seed) => openGateway(graph, seed, planner),
    shrinks: false,
    isDeferred: false,
  };
}

function deferredShare({ cases, planner }: Options): Way {
  return {
    name: `atlas (${planner}), in parts`,
    cases,
    firstGraph: 0,
    kinds: ["query", "mutation"],
    model: { hasFailingInputs: true },
    open: (graph) => openDeferred(graph, planner),
    shrinks: true,
    isDeferred: true,
  };
}

function peerShare({ cases }: Options): Way {
  return {
    name: "@apollo/gateway",
    cases,
    firstGraph: 0,
    kinds: ["query", "mutation"],
    // It sends null for an input that has failed; what a subgraph makes of that is not compared.
    model: { hasFailingInputs: false },
    open: openApolloGateway,
    shrinks: false,
    isDeferred: false,
  };
}

function readOptions(): Options | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    return undefined;
  }
}

type Share = {
  readonly way: Way;
  readonly runs: readonly GraphRun[];
  readonly failed: readonly Failure[];
  readonly seconds: number;
};

async function runShare({ seed }: Options, way: Way): Promise<Share> {
  const startedAt = performance.now();
  const runs: GraphRun[] = [];
  const failed: Failure[] = [];
  for (let left = way.cases, at = way.firstGraph; left > 0; left -= casesOfGraph, at += 1) {
    const graphSeed = mixSeeds(seed, at);
    const graph = createGraph(graphSeed, way.model);
    await using opened = await way.open(graph, graphSeed);
    const run = await runGraph(
      graph,
      graphSeed,
      Math.min(left, casesOfGraph),
      opened.subjects,
      way.kinds,
      way.isDeferred,
    );
    runs.push(run);
    for (const failure of run.failures) {
      failed.push(failure);
      if (failed.length > shrunkMax) out(`=== ${failure.name}: ${failure.difference.what}`);
      else if (!way.shrinks) out(printFailure(failure.name, { graph, ...failure }));
      else
        out(
          printFailure(failure.name, await shrinkFailure(graph, failure, (one) => way.open(one, graphSeed))),
        );
    }
    if (runs.length % 50 === 0) out(`${way.name}: ${runs.length} graphs, ${failed.length} differences`);
  }
  return { way, runs, failed, seconds: Math.round((performance.now() - startedAt) / 1_000) };
}

async function runOnly(
  options: Options,
  { graph: seed, operation: at }: NonNullable<Options["only"]>,
): Promise<number> {
  const graph = createGraph(seed, { hasFailingInputs: true });
  const open = options.isDeferred ? openDeferred : openEngine;
  const operation = findOperation(graph.schema, seed, at, options.isDeferred);
  if (!operation) throw new Error(`Case ${seed}:${at} is no valid operation.`);
  await using opened = open(graph, options.planner);
  const { difference } = await runCase(graph, opened.subjects, operation);
  if (!difference) {
    out(`${seed}:${at}: the same`);
    return 0;
  }
  const failure: Failure = { name: `${seed}:${at}`, operation, difference };
  out(
    printFailure(
      failure.name,
      await shrinkFailure(graph, failure, (smaller) => open(smaller, options.planner)),
    ),
  );
  return 1;
}

function printTable({ seed }: Options, shares: readonly Share[]): string {
  const rows = shares.map(({ way, runs, failed, seconds }) => {
    const sum = (read: (run: GraphRun) => number) => runs.reduce((total, run) => total + read(run), 0);
    const counts = (["query", "mutation", "subscription"] as const).map((kind) =>
      sum((run) => run.counts[kind]),
    );
    const cells = [
      way.name,
      seed,
      runs.length,
      ...counts,
      sum((run) => run.withErrors),
      failed.length,
      seconds,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const names = shares.flatMap(({ failed }) => failed.map(({ name }) => name));
  return [
    "",
    "| gateway | seed | graphs | queries | mutations | subscriptions | with errors | differences | s |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    ...(names.length > 0 ? [`failing cases: ${names.join(" ")}`] : []),
  ].join("\n");
}

process.exitCode = await main();
