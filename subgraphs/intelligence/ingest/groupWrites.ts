/**
 * Group commit: what comes while a transaction is under way shares the next one. A thousand writers of one row each then
 * cost about as much as one of a thousand, and no two transactions wait for each other's rows.
 */
export type GroupWritesOptions<Part> = {
  /** Never called while it is under way. */
  readonly write: (parts: readonly Part[]) => Promise<void>;
  readonly sizeOf: (part: Part) => number;
  /** Of one transaction; a larger part goes alone. */
  readonly sizeMax: number;
};

/** Resolves when the part is written. Rejects, as for all parts that shared the transaction, with what `write` rejects with. */
export function groupWrites<Part>(options: GroupWritesOptions<Part>): (part: Part) => Promise<void> {
  const { write, sizeOf, sizeMax } = options;
  let waiting: Waiting<Part>[] = [];
  let writing = false;

  return (part) =>
    new Promise((resolve, reject) => {
      waiting.push({ part, resolve, reject });
      if (!writing) void writeAll();
    });

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const group = takeGroup();
      try {
        await write(group.map(({ part }) => part));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    writing = false;
  }

  function takeGroup(): readonly Waiting<Part>[] {
    let size = 0;
    let taken = 0;
    for (const { part } of waiting) {
      if (taken > 0 && size + sizeOf(part) > sizeMax) break;
      size += sizeOf(part);
      taken += 1;
    }
    const group = waiting.slice(0, taken);
    waiting = waiting.slice(taken);
    return group;
  }
}

type Waiting<Part> = {
  readonly part: Part;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};
