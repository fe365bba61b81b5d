/** Asks a gateway for predictions: at a steady rate, whatever the answers take, or as fast as they come. */
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { z } from "zod";

export type Asked = {
  readonly asked: number;
  readonly wrong: number;
  readonly firstWrong: string | null;
  /** Milliseconds from when a request was due to the last byte of its answer. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
};

/** Where to ask, as whom, and about what. */
export type Target = { readonly url: string; readonly token: string; readonly countries: readonly string[] };

const prediction = `{
  __typename ... on Prediction { probability contributions { feature value } modelVersion { version } }
  ... on NoPrediction { reason } }`;
const predicted = z.object({
  __typename: z.literal("Prediction"),
  probability: z.number().min(0).max(1),
  contributions: z.array(z.object({ feature: z.string(), value: z.number() })).min(1),
});

/** Requests are sent when they are due, so a slow answer delays none of the others and hides from no quantile. */
export async function askPredictions(
  target: Target,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Asked> {
  const pool = new Pool(new URL(target.url).origin, { connections: 64 });
  const durations: number[] = [];
  let firstWrong: string | null = null;
  let wrong = 0;
  const startedAt = performance.now();
  const pending: Promise<void>[] = [];
  for (let at = 0; at < rate * seconds; at += 1) {
    const dueAt = startedAt + (at * 1_000) / rate;
    const early = dueAt - performance.now();
    if (early > 1) await sleep(early);
    pending.push(
      ask(pool, target, [target.countries[at % target.countries.length] ?? ""]).then((fault) => {
        durations.push(performance.now() - dueAt);
        if (fault === null) return;
        wrong += 1;
        firstWrong ??= fault;
      }),
    );
  }
  await Promise.all(pending);
  await pool.close();
  durations.sort((a, b) => a - b);
  const quantile = (q: number) => Number((durations[Math.floor(q * (durations.length - 1))] ?? 0).toFixed(1));
  return {
    asked: durations.length,
    wrong,
    firstWrong,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    most: quantile(1),
  };
}

/** Predictions a second over one connection, each in a request of its own and `size` in one. */
export async function compareBatches(target: Target, count: number, size: number) {
  const rateOf = async (together: number): Promise<number> => {
    const pool = new Pool(new URL(target.url).origin, { connections: 1 });
    const startedAt = performance.now();
    for (let at = 0; at < count; at += together) {
      const countries = Array.from(
        { length: together },
        (_, place) => target.countries[(at + place) % target.countries.length] ?? "",
      );
      const fault = await ask(pool, target, countries);
      if (fault !== null) throw new Error(`expected predictions, came ${fault}`);
    }
    const rate = Math.round((count * 1_000) / (performance.now() - startedAt));
    await pool.close();
    return rate;
  };
  // Once to plan the larger operation.
  await rateOf(size);
  return { size, oneByOne: await rateOf(1), together: await rateOf(size) };
}

/** Null when every country was predicted; otherwise what came. */
async function ask(pool: Pool, { token }: Target, countries: readonly string[]): Promise<string | null> {
  const variables = Object.fromEntries(countries.map((country, at) => [`c${at}`, country]));
  const query = `query Predict(${countries.map((_, at) => `$c${at}: ID!`).join(", ")}) {
    ${countries.map((_, at) => `p${at}: predict(country: $c${at}) ${prediction}`).join("\n")} }`;
  const { statusCode, body } = await pool.request({
    path: "/graphql",
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const text = await body.text();
  if (statusCode !== 200) return `status ${statusCode}: ${text.slice(0, 500)}`;
  const { data } = z.object({ data: z.record(z.string(), z.unknown()).nullish() }).parse(JSON.parse(text));
  const isRight = countries.every((_, at) => predicted.safeParse(data?.[`p${at}`]).success);
  return isRight ? null : text.slice(0, 500);
}
