/**
 * Four subgraphs for the directives of Federation: an entity interface and an interface object of it, a field that one lends
 * (@provides), one that two share (@shareable), one that moves (@override), values from objects above (@context).
 */
import type { TestSubgraph } from "../../../gateway/engine/testing/composeForTest.ts";

type Entity = { readonly id: string };

export type FederatedName = "catalog" | "reviews" | "library" | "prices";

const media = [
  { __typename: "Book", id: "dune", title: "Dune", pages: 412, author: { id: "frank" } },
  { __typename: "Book", id: "emma", title: "Emma", pages: 474, author: { id: "jane" } },
  { __typename: "Film", id: "alien", title: "Alien", minutes: 117 },
];
const stores = [
  { id: "paris", country: "FR", stock: ["dune", "alien"], branches: ["berlin"] },
  { id: "berlin", country: "DE", stock: ["dune"], branches: [] },
  { id: "sea", country: null, stock: ["emma"], branches: ["paris", "berlin"] },
];
const names: Readonly<Record<string, string>> = { frank: "Frank Herbert", jane: "Jane Austen" };
const findMedia = ({ id }: Entity) => media.find((one) => one.id === id);
const findStore = ({ id }: Entity) => stores.find((one) => one.id === id);

export const graph: Readonly<Record<FederatedName, TestSubgraph>> = {
  catalog: {
    sdl: `type Query { media: [Media!]! stores: [Store!]! item(id: ID!): Media }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int author: Author loans: String }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
      type Author @key(fields: "id") { id: ID! }
      type Store @key(fields: "id") { id: ID! country: String copies: [Copy!]! branches: [Store!]! shelves: [[Copy]] }
      type Copy @key(fields: "id") { id: ID! media: Media! }`,
    resolvers: {
      Query: {
        media: () => media,
        stores: () => stores,
        item: (_: unknown, args: Entity) => findMedia(args),
      },
      Media: { __resolveReference: findMedia },
      Book: { __resolveReference: findMedia, loans: () => "counted by catalog" },
      Film: { __resolveReference: findMedia },
      Store: {
        __resolveReference: findStore,
        copies: ({ stock }: { stock: string[] }) => stock.map((id) => ({ id: `copy of ${id}` })),
        shelves: ({ stock }: { stock: string[] }) => [
          stock.map((id) => ({ id: `copy of ${id}` })),
          [],
          [null],
        ],
        branches: (store: { branches: string[] }) => store.branches.map((id) => findStore({ id })),
      },
      Copy: {
        __resolveReference: ({ id }: Entity) => ({ id }),
        media: ({ id }: Entity) => findMedia({ id: id.slice("copy of ".length) }),
      },
    },
  },
  reviews: {
    sdl: `type Query { best: [Media!]! authorOfTheYear: Author @provides(fields: "name") anyAuthor: Author }
      type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int reviews: [Review!]! }
      type Review { text: String score: Score }
      type Score @shareable { points: Int }
      type Author @key(fields: "id") { id: ID! name: String @external prizes: Int }`,
    resolvers: {
      Query: {
        best: () => [{ id: "alien" }, { id: "dune" }],
        authorOfTheYear: () => ({ id: "jane", name: "Jane Austen, lent by reviews" }),
        anyAuthor: () => ({ id: "jane" }),
      },
      Media: {
        __resolveReference: ({ id }: Entity) => ({ id }),
        stars: ({ id }: Entity) => id.length,
        reviews: ({ id }: Entity) => [{ text: `${id} is good`, score: { points: 9 } }],
      },
      Author: { __resolveReference: ({ id }: Entity) => ({ id }), prizes: () => 1 },
    },
  },
  library: {
    sdl: `type Query { openAt: Int score: Score }
      type Author @key(fields: "id") { id: ID! name: String @shareable }
      type Score @shareable { points: Int }
      type Book @key(fields: "id") { id: ID! loans: String @override(from: "catalog", label: "library-counts") }`,
    resolvers: {
      Query: { openAt: () => 9, score: () => ({ points: 1 }) },
      Author: { __resolveReference: ({ id }: Entity) => ({ id, name: names[id] }) },
      Book: { __resolveReference: ({ id }: Entity) => ({ id }), loans: () => "counted by library" },
    },
  },
  prices: {
    sdl: `type Store @key(fields: "id") @context(name: "store") { id: ID! country: String @external tax: Int }
      type Copy @key(fields: "id") {
        id: ID!
        price(
          rounded: Boolean = false
          country: String @fromContext(field: "$store { country }")
          tax: Int @fromContext(field: "$store { tax }")
        ): String
      }`,
    resolvers: {
      Store: { __resolveReference: ({ id }: Entity) => ({ id }), tax: ({ id }: Entity) => id.length },
      Copy: {
        __resolveReference: ({ id }: Entity) => ({ id }),
        price: ({ id }: Entity, { country, tax, rounded }: Readonly<Record<string, unknown>>) =>
          `${id} in ${country} at ${tax} %${rounded === true ? ", rounded" : ""}`,
      },
    },
  },
};
