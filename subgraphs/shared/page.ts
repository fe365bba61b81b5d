/** Pages of lists by keyset (https://relay.dev/graphql/connections.htm): a cursor holds the sort key of its row. */
import { AppError } from "./errors.ts";

export type Connection<Row> = {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Called only when the client asks for it, since counting costs a statement. */
  readonly totalCount: () => Promise<number>;
};

/** What a query needs: one row more than the page tells whether another page follows. */
export type PageRequest = { readonly take: number; readonly after: readonly string[] | null };

export type PageArguments = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
};

/** Throws BAD_USER_INPUT for a size out of range or a cursor that is not one of ours. */
export function parsePage(
  args: PageArguments,
  options: { size: number; sizeMax: number; keyLength: number },
): PageRequest {
  return {
    take: parseFirst(args.first ?? options.size, options.sizeMax) + 1,
    after: parseCursor(args.after, options.keyLength),
  };
}

export function parseFirst(first: number, sizeMax: number): number {
  if (first < 1 || first > sizeMax) {
    throw new AppError("BAD_USER_INPUT", `expected \`first\` from 1 to ${sizeMax}; got ${first}`);
  }
  return first;
}

export function toConnection<Row>(
  rows: readonly Row[],
  page: PageRequest,
  keyOf: (row: Row) => readonly string[],
  totalCount: () => Promise<number>,
): Connection<Row> {
  const edges = rows.slice(0, page.take - 1).map((node) => ({ cursor: toCursor(keyOf(node)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length >= page.take,
      hasPreviousPage: page.after !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}

export function toCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

function parseCursor(cursor: string | null | undefined, keyLength: number): readonly string[] | null {
  if (cursor === null || cursor === undefined) return null;
  const key = parseJson(Buffer.from(cursor, "base64url").toString());
  if (Array.isArray(key) && key.length === keyLength && key.every((part) => typeof part === "string"))
    return key;
  throw new AppError(
    "BAD_USER_INPUT",
    `expected a cursor from an earlier page of this list; got ${JSON.stringify(cursor.slice(0, 80))}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
