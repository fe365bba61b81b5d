import type DataLoader from "dataloader";
import { createListLoader } from "./createLoader.ts";

/** Relations to many of which the client asks the first so many: one batch for each `first` that a request uses. */
export function createFirstLoader<Row>(
  findRows: (keys: readonly string[], first: number) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): { readonly load: (key: string, first: number) => Promise<readonly Row[]> } {
  const loaders = new Map<number, DataLoader<string, readonly Row[]>>();
  return {
    load: (key, first) => {
      const loader = loaders.get(first) ?? createListLoader((keys) => findRows(keys, first), keyOf);
      loaders.set(first, loader);
      return loader.load(key);
    },
  };
}
