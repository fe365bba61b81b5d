import type DataLoader from "dataloader";
import { createListLoader } from "./createLoader.ts";

export type ArgumentLoader<Arguments, Row> = {
  readonly load: (parent: string, args: Arguments) => Promise<readonly Row[]>;
};

/**
 * Relations to many that take arguments. Parents asked with the same arguments share one statement: as many
 * statements as the operation has different selections of the field, however many parents there are.
 */
export function createArgumentLoader<Arguments, Row>(
  findRows: (parents: readonly string[], args: Arguments) => Promise<readonly Row[]>,
  parentOf: (row: Row) => string,
): ArgumentLoader<Arguments, Row> {
  const loaders = new Map<string, DataLoader<string, readonly Row[]>>();
  return {
    load: (parent, args) => {
      const key = JSON.stringify(args);
      const loader = loaders.get(key) ?? createListLoader((parents) => findRows(parents, args), parentOf);
      loaders.set(key, loader);
      return loader.load(parent);
    },
  };
}
