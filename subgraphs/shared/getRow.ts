import type DataLoader from "dataloader";

/** The row behind a reference that the schema calls non-null. Tables have no foreign keys, so it may be missing: that is an error with the key at hand, never a silent null. */
export async function getRow<Row>(loader: DataLoader<string, Row | null>, key: string): Promise<Row> {
  const row = await loader.load(key);
  if (row === null) throw new Error(`nothing is stored under ${key}`);
  return row;
}
