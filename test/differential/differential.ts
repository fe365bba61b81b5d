/**
 * `npm run test:differential`: generated operations over generated graphs, answered by the gateway's engine (a share of
 * them by the gateway process over HTTP) and by one graphql-js execution. Ends with 1 when any two answers differ.
 */
import { findOperation } from "./findCases.ts";
import { createGraph, type GeneratedGraph } from "./graph/createGraph.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { printFailure } from "./printFailure.ts";
import { mixSeeds } from "./random.ts";
import { runCase } from "./runCase.ts";
import { type Failure, type GraphRun, runGraph } from "./runGraph.ts";
import { shrinkFailure } from "./shrinkFailure.ts";
import { type OpenSubjects, openEngine } from "./subjects.ts";

/** A graph costs a second, most of it for the planner's process. */
const casesOfGraph = 60;
/** The others are named only. */
const shrunkMax = 3;

const out = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  if (options.only) return runOnly(options, options.only);
  const startedAt = performance.now();
  const inProcess = await runShare(options, options.cases - options.httpCases, 0, (graph) =>
    openSubjects(graph, options),
  );
  out(printTable(options, inProcess, startedAt));
  return inProcess.failed.length > 0 ? 1 : 0;
}

function readOptions(): Options | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    return undefined;
  }
}

type Share = { readonly runs: readonly GraphRun[]; readonly failed: readonly Failure[] };

async function runShare(
  { seed }: Options,
  cases: number,
  firstGraph: number,
  open: (graph: GeneratedGraph) => OpenSubjects | Promise<OpenSubjects>,
): Promise<Share> {
  const runs: GraphRun[] = [];
  const failed: Failure[] = [];
  for (let left = cases, at = firstGraph; left > 0; left -= casesOfGraph, at += 1) {
    const graphSeed = mixSeeds(seed, at);
    const graph = createGraph(graphSeed, { hasFailingInputs: true });
    await using opened = await open(graph);
    const run = await runGraph(graph, graphSeed, Math.min(left, casesOfGraph), opened.subjects);
    runs.push(run);
    for (const failure of run.failures) {
      failed.push(failure);
      if (failed.length > shrunkMax) out(`=== ${failure.name}: ${failure.difference.what}`);
      else out(printFailure(failure.name, await shrinkFailure(graph, failure, open)));
    }
    if (runs.length % 20 === 0) out(`${runs.length} graphs, ${failed.length} differences`);
  }
  return { runs, failed };
}

function openSubjects(graph: GeneratedGraph, { planner }: Options): OpenSubjects {
  return openEngine(graph, planner);
}

async function runOnly(
  options: Options,
  { graph: seed, operation: at }: NonNullable<Options["only"]>,
): Promise<number> {
  const graph = createGraph(seed, { hasFailingInputs: true });
  const operation = findOperation(graph.schema, seed, at);
  if (!operation) throw new Error(`Case ${seed}:${at} is no valid operation.`);
  await using opened = openSubjects(graph, options);
  const { difference } = await runCase(graph, opened.subjects, operation);
  if (!difference) {
    out(`${seed}:${at}: the same`);
    return 0;
  }
  const failure: Failure = { name: `${seed}:${at}`, operation, difference };
  out(
    printFailure(
      failure.name,
      await shrinkFailure(graph, failure, (smaller) => openSubjects(smaller, options)),
    ),
  );
  return 1;
}

function printTable({ seed, planner, peer }: Options, { runs, failed }: Share, startedAt: number): string {
  const sum = (read: (run: GraphRun) => number) => runs.reduce((total, run) => total + read(run), 0);
  const counts = (["query", "mutation", "subscription"] as const).map((kind) =>
    sum((run) => run.counts[kind]),
  );
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const cells = [
    peer ?? `atlas, ${planner}`,
    seed,
    runs.length,
    ...counts,
    sum((run) => run.withErrors),
    failed.length,
    seconds,
  ];
  return [
    "| gateway | seed | graphs | queries | mutations | subscriptions | with errors | differences | s |",
    "|---|---|---|---|---|---|---|---|---|",
    `| ${cells.join(" | ")} |`,
    ...(failed.length > 0 ? [`failing cases: ${failed.map(({ name }) => name).join(" ")}`] : []),
  ].join("\n");
}

process.exitCode = await main();
