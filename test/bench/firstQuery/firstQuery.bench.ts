/**
 * `npm run bench:first-query`: SQL statements for the README's query, and the time of 1,000 of them one after another,
 * through a region of real processes on a seeded database.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { postGraphql } from "../../support/postGraphql.ts";
import { readFirstQuery } from "../../support/readFirstQuery.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";

const query = readFirstQuery();
const runs = 1_000;
let region: Region;

beforeAll(async () => {
  region = await startRegion();
}, 120_000);
afterAll(async () => region?.[Symbol.asyncDispose]());

test("the first query, measured", async () => {
  const headers = { authorization: `Bearer ${await region.issuer.tokenFor({})}` };
  const ask = () => postGraphql(region.url, { query }, headers);
  for (let warmUp = 0; warmUp < 100; warmUp += 1) await ask();
  const { count, statements } = await region.database.countStatements(ask);

  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    const { errors } = await ask();
    times.push(performance.now() - start);
    expect(errors).toBeUndefined();
  }
  times.sort((a, b) => a - b);
  const quantile = (q: number) => `${(times[Math.floor(q * (runs - 1))] ?? 0).toFixed(1)} ms`;
  const byRole = countByRole(statements);
  process.stdout.write(
    `first query: ${count} SQL statements (${byRole}); ${runs} runs: p50 ${quantile(0.5)}, p95 ${quantile(0.95)}, max ${quantile(1)}\n`,
  );
}, 300_000);

function countByRole(statements: readonly { readonly role: string; readonly calls: number }[]): string {
  const counts = new Map<string, number>();
  for (const { role, calls } of statements) counts.set(role, (counts.get(role) ?? 0) + calls);
  return [...counts].map(([role, calls]) => `${role} ${calls}`).join(", ");
}
