/**
 * Opens one scenario's subscriptions over server-sent events and checks every event: each subscriber's follow one another
 * without a gap, and say what a monolith says. Arguments and output as those of generateLoad.ts, with a line before:
 * "started", once every subscriber has had an event. Events are counted from there.
 */
import { readFileSync } from "node:fs";
import { Agent } from "undici";
import { z } from "zod";
import type { LoadResult } from "./generateLoad.ts";
import { scenarios } from "./operations.ts";

const [url = "", name = "", expectedFile = "", secondsText = "0"] = process.argv.slice(2);
const scenario = scenarios.find((one) => one.name === name);
if (!scenario?.eventsPerSecond)
  throw new Error(`expected a scenario of operations.ts with events; got ${name}`);
const { connections, operation } = scenario;
const seconds = Number(secondsText);
/** What is expected of each kind of event, by the remainder of its number; "#" stands for the number. */
const expected = z.array(z.string()).parse(JSON.parse(readFileSync(expectedFile, "utf8")));
const target = new URL(url);
const agent = new Agent({ connections, pipelining: 1, bodyTimeout: 0, headersTimeout: 120_000 });
const numbered = z.object({ data: z.object({ reviewAdded: z.object({ id: z.string() }) }) });

let events = 0;
let wrong = 0;
let firstWrong: string | null = null;
let waiting = connections;
let startedAt = Number.POSITIVE_INFINITY;
const stopping = new AbortController();

await Promise.all(
  Array.from({ length: connections }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index));
    await subscribe(index).catch((thrown: unknown) => {
      if (!stopping.signal.aborted) fail(String(thrown));
    });
  }),
);
const result: LoadResult = {
  requests: events,
  wrong,
  firstWrong,
  seconds: (performance.now() - startedAt) / 1_000,
  p50: null,
  p95: null,
  p99: null,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await agent.destroy();

async function subscribe(index: number): Promise<void> {
  const { statusCode, body } = await agent.request({
    origin: target.origin,
    path: target.pathname,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer bench-${index}`,
    },
    body: JSON.stringify({ query: operation(0) }),
    signal: stopping.signal,
  });
  let rest = "";
  let last = 0;
  for await (const piece of body) {
    rest += String(piece);
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:") || line.trim() === "data:") continue;
      if (last === 0) startWhenAllHaveOne();
      last = check(line.slice("data:".length).trim(), last);
      events += 1;
    }
    if (performance.now() - startedAt >= seconds * 1_000) stopping.abort();
  }
  fail(`the stream ended with ${statusCode}: ${rest.slice(0, 500)}`);
}

function startWhenAllHaveOne(): void {
  waiting -= 1;
  if (waiting > 0) return;
  startedAt = performance.now();
  events = 0;
  process.stdout.write("started\n");
}

/** The event's number. */
function check(text: string, last: number): number {
  const parsed: unknown = JSON.parse(text);
  const number = Number(numbered.safeParse(parsed).data?.data.reviewAdded.id);
  const { data } = Object(parsed);
  const wanted = expected[number % expected.length]?.replace('"#"', `"${number}"`);
  if (JSON.stringify(data) !== wanted || (last > 0 && number !== last + 1)) fail(text);
  return number;
}

function fail(what: string): void {
  wrong += 1;
  firstWrong ??= what.slice(0, 500);
}
