import { expect, test } from "@jest/globals";
import { Counter, Histogram, Registry } from "prom-client";
import { createTalliedCounter, TalliedHistogram } from "./tallies.ts";

const described = { help: "of a test", labelNames: ["kind", "status"] as const };
const observations = [0.5, 1, 1.5, 10, 11, 0, 2.25];

test("a tallied histogram prints and lists what prom-client's own does", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const tallied = new TalliedHistogram({
    ...described,
    name: "durations",
    buckets: [1, 2, 10],
    registers: [ours],
  });
  const own = new Histogram({ ...described, name: "durations", buckets: [1, 2, 10], registers: [theirs] });
  observations.forEach((value, at) => {
    const [kind, status] = [at % 2 === 0 ? "query" : 'a "mutation"', 200 + (at % 3)];
    tallied.tally(value, kind, status);
    own.observe({ kind, status }, value);
  });
  expect(linesOf(await ours.metrics())).toEqual(linesOf(await theirs.metrics()));
  expect(await totalsOf(ours)).toEqual(await totalsOf(theirs));
});

test("a tallied counter is read again and again, and nothing is counted twice or lost", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const tallied = createTalliedCounter({ ...described, name: "requests", registers: [ours] });
  const own = new Counter({ ...described, name: "requests", registers: [theirs] });
  for (const round of [1, 2, 3]) {
    for (let at = 0; at < 5 * round; at += 1) {
      tallied.inc("query", at % 2);
      own.inc({ kind: "query", status: at % 2 });
    }
    expect(linesOf(await ours.metrics())).toEqual(linesOf(await theirs.metrics()));
  }
});

/** In Prometheus neither lines nor labels have an order. */
function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(",").sort().join(",")}}`))
    .sort();
}

async function totalsOf(registry: Registry): Promise<unknown> {
  const [metric] = await registry.getMetricsAsJSON();
  return metric?.values.map(({ labels, value }) => JSON.stringify({ ...sorted(labels), value })).sort();
}

function sorted(labels: object): object {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => a.localeCompare(b)));
}
