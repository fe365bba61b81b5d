import DataLoader from "dataloader";

/** One batch for each tick: rows for a list of keys, null for a key without a row, in the order of the keys. */
export function createLoader<Key extends string, Row>(
  findRows: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<Key, Row | null> {
  return new DataLoader(async (keys) => {
    const byKey = new Map((await findRows(keys.filter(isStorable))).map((row) => [keyOf(row), row]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}

/** The same for relations to many: all rows of each key, in the order in which they were found. */
export function createListLoader<Key extends string, Row>(
  findRows: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<Key, readonly Row[]> {
  return new DataLoader(async (keys) => {
    const byKey = new Map<string, Row[]>(keys.map((key) => [key, []]));
    for (const row of await findRows(keys.filter(isStorable))) byKey.get(keyOf(row))?.push(row);
    return keys.map((key) => byKey.get(key) ?? []);
  });
}

/** PostgreSQL stores no text with U+0000 and would fail the whole batch for one key that has it. */
function isStorable(key: string): boolean {
  return !key.includes("\0");
}
