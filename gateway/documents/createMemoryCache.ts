/** Texts in this process, the least recently used of them dropped first. */
import { LRUCache } from "lru-cache";
import type { DocumentCache } from "./documentCache.ts";

export function createMemoryCache(bytesMax: number): DocumentCache {
  const texts = new LRUCache<string, string>({
    maxSize: bytesMax,
    // A character takes one byte or two; the hash and the entry about 200.
    sizeCalculation: (text) => text.length * 2 + 200,
  });
  return {
    find: async (hash) => texts.get(hash),
    keep: async (hash, text) => {
      texts.set(hash, text);
    },
  };
}
