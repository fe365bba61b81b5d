/** What the shop computes, for a subgraph and for the monolith alike: fields by type, from their row and arguments. */
import { isDeepStrictEqual } from "node:util";
import { type Row, rows } from "./rows.ts";

type Arguments = Readonly<Record<string, unknown>>;
export type FieldResolvers = Readonly<
  Record<string, Readonly<Record<string, (row: Row, args: Arguments) => unknown>>>
>;

export const fields: FieldResolvers = {
  Query: {
    products: () => [...rows.products, null],
    product: (_row, { id }) => rows.products.find((product) => product.id === id) ?? null,
    media: () => rows.media,
    search: (_row, { kinds, filter }) =>
      [
        ...rows.media.filter(({ kind }) => asList(kinds).includes(kind)),
        rows.products[0],
        null,
        rows.users[0],
      ].slice(0, Number(readKey(filter, "max") ?? 10)),
    grid: () => [[rows.products[0], null], null, [], [rows.products[2], rows.products[0]]],
    strict: () => rows.products.slice(0, 2),
    warehouses: () => rows.warehouses,
    latest: () => [...rows.reviews, null],
    topRated: () => [rows.media[0], null, rows.media[1]],
    me: () => rows.users[0],
    people: () => [rows.users[0], rows.guest, null, rows.users[1]],
  },
  Mutation: {
    rename: (_row, { id, name }) => {
      const product = rows.products.find((row) => row.id === id);
      return product ? { ...product, name } : null;
    },
    restock: (_row, { id }) => rows.products.find((product) => product.id === id) ?? null,
    count: () => 7,
  },
  Product: {
    name: ({ name }, { upper }) => (typeof name === "string" && upper ? name.toUpperCase() : name),
    reviews: ({ reviews }, { first }) => asList(reviews).slice(0, Number(first)),
    shipping: ({ dimensions, parts }, { express }) => {
      const volume =
        Number(readKey(dimensions, "size") ?? 50) + Math.round(Number(readKey(dimensions, "weight") ?? 9));
      const weights = asList(parts).map((part) =>
        part === null ? 1_000 : Number(readKey(part, "weight") ?? 100),
      );
      return (
        (express ? 2 : 1) * weights.reduce((sum, weight) => sum + weight, volume + (parts === null ? 7 : 0))
      );
    },
  },
  User: {
    score: ({ reviews }) =>
      asList(reviews).reduce<number>((sum, review) => sum + Number(readKey(review, "score") ?? 40), 0),
  },
};

export const events = (first: unknown) => [...rows.products, null].slice(0, Number(first));

/** The row that a representation names by one of its type's keys. */
export function findRow(reference: Row): Row | null {
  const { __typename, id, sku, brand } = reference;
  const all: readonly Row[] = [
    ...rows.users,
    ...rows.media,
    ...rows.variants,
    ...rows.products,
    ...rows.reviews,
  ];
  const isNamed = (row: Row) =>
    id === undefined
      ? row.sku === sku && isDeepStrictEqual(readKey(row.brand, "code"), readKey(brand, "code"))
      : row.id === id && (row.__typename === __typename || __typename === "Media");
  return all.find(isNamed) ?? null;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function readKey(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
