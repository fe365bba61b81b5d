/** Pages of lists by keyset (https://relay.dev/graphql/connections.htm): a cursor holds the sort key of its row. */
import { validate } from "uuid";
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

/** What a part of a sort key is, so that a cursor of another list fails here and not in the database. */
export type KeyPart = "moment" | "number" | "text" | "uuid";

/** Throws BAD_USER_INPUT for a size out of range or a cursor that is not one of this list. */
export function parsePage(
  args: PageArguments,
  options: { size: number; sizeMax: number; key: readonly KeyPart[] },
): PageRequest {
  return {
    take: parseFirst(args.first ?? options.size, options.sizeMax) + 1,
    after: parseCursor(args.after, options.key),
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

function parseCursor(cursor: string | null | undefined, parts: readonly KeyPart[]): readonly string[] | null {
  if (cursor === null || cursor === undefined) return null;
  const key = parseJson(Buffer.from(cursor, "base64url").toString());
  if (isKey(key) && key.length === parts.length && parts.every((part, index) => isPart(part, key[index])))
    return key;
  throw new AppError(
    "BAD_USER_INPUT",
    `expected a cursor from an earlier page of this list; got ${JSON.stringify(cursor.slice(0, 80))}`,
  );
}

function isKey(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}

function isPart(part: KeyPart, value = ""): boolean {
  switch (part) {
    case "moment":
      return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
    case "number":
      return value !== "" && Number.isFinite(Number(value));
    case "text":
      return !value.includes("\0"); // PostgreSQL stores none and would fail on it.
    case "uuid":
      return validate(value);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
