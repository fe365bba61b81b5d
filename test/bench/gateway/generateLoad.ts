/**
 * Sends one scenario's operations over so many connections for so long and checks every answer. A process of its
 * own: `generateLoad <url> <scenario> <expected file> <seconds> <first index> [<file of tokens>]`; seconds 0 sends the
 * warm-up instead. Prints one line of JSON.
 */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Pool } from "undici";
import { scenarios } from "./operations.ts";
import { readParts } from "./readParts.ts";

export type LoadResult = {
  readonly requests: number;
  readonly wrong: number;
  readonly firstWrong: string | null;
  readonly seconds: number;
  /** In milliseconds. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

const [url = "", name = "", expectedFile = "", secondsText = "0", firstIndex = "0", tokensFile] =
  process.argv.slice(2);
const scenario = scenarios.find((one) => one.name === name);
if (!scenario) throw new Error(`expected a scenario of operations.ts; got ${name}`);
const { connections, operation, warmUp, isDeferred = false } = scenario;
const expected = readFileSync(expectedFile, "utf8");
const target = new URL(url);
const pool = new Pool(target.origin, {
  connections,
  pipelining: 1,
  bodyTimeout: 120_000,
  headersTimeout: 120_000,
});
const seconds = Number(secondsText);
/** Of callers that a gateway can verify, in turn; without them each caller is a name. */
const tokens: readonly string[] = tokensFile ? JSON.parse(readFileSync(tokensFile, "utf8")) : [];

/** Between two connections' first requests. */
const rampMs = 2;
const durations: number[] = [];
let sent = 0;
let wrong = 0;
let firstWrong: string | null = null;
/** Bytes that were found right: the rest of a run is compared with them, which costs a microsecond. */
let right: Buffer | null = null;

const start = performance.now();
const isOver = (): boolean => (seconds > 0 ? performance.now() - start >= seconds * 1_000 : sent >= warmUp);
await Promise.all(
  Array.from({ length: connections }, async (_, index) => {
    // One connection after the other, as clients come: hundreds in one instant would measure the queue of the system.
    await new Promise((resolve) => setTimeout(resolve, index * rampMs));
    await sendUntilOver();
  }),
);
const elapsed = (performance.now() - start) / 1_000;
durations.sort((a, b) => a - b);
const quantile = (q: number): number =>
  Number((durations[Math.floor(q * (durations.length - 1))] ?? 0).toFixed(2));
const result: LoadResult = {
  requests: durations.length,
  wrong,
  firstWrong,
  seconds: elapsed,
  p50: quantile(0.5),
  p95: quantile(0.95),
  p99: quantile(0.99),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await pool.destroy();

async function sendUntilOver(): Promise<void> {
  while (!isOver()) {
    const index = Number(firstIndex) + sent;
    sent += 1;
    const began = performance.now();
    const { statusCode, headers, body } = await pool.request({
      path: target.pathname,
      method: "POST",
      // Another caller each time: no gateway may share work between callers.
      headers: {
        "content-type": "application/json",
        ...(isDeferred ? { accept: "multipart/mixed;deferSpec=20220824, multipart/mixed" } : {}),
        authorization: `Bearer ${tokens[index % tokens.length] ?? `bench-${index}`}`,
      },
      body: JSON.stringify({ query: operation(index) }),
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    durations.push(performance.now() - began);
    if (statusCode !== 200 || !isRight(bytes, String(headers["content-type"]))) {
      wrong += 1;
      firstWrong ??= `${statusCode} ${bytes.toString("utf8", 0, 500)}`;
    }
  }
}

function isRight(bytes: Buffer, contentType: string): boolean {
  if (right?.equals(bytes)) return true;
  if (isDeferred) {
    const { data, errors, parts } = readParts(contentType, bytes.toString());
    // Each part is as its fragment says; put together, keys stand in another order.
    if (parts === 0 || errors.length > 0 || !isDeepStrictEqual(data, JSON.parse(expected))) return false;
    right = bytes;
    return true;
  }
  const text = bytes
    .toString()
    .trim()
    .replace(/"a\d+":/g, '"a":');
  const parsed: unknown = JSON.parse(text);
  // Key order matters (GraphQL specification, "Serialized Map Ordering"); extensions are the gateway's own affair.
  const { data, errors } = parsed as { data: unknown; errors?: unknown }; // Any JSON object has these or has not.
  if (errors !== undefined || JSON.stringify(data) !== expected) return false;
  right = bytes;
  return true;
}
