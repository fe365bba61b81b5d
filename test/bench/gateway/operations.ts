/** What is asked in each scenario. `operation(i)` is the i-th request's document; most scenarios repeat one. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  /** Added by every subgraph to every answer, in milliseconds. */
  readonly latencyMs: number;
  readonly operation: (index: number) => string;
  /** Requests that each gateway answers before it is measured. */
  readonly warmUp: number;
};

const fragments = `
fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
`;

/** The public benchmark's query: two roots, four levels of reviews. */
const heavy = (leaf = "") => `${fragments}
query Heavy {
  users {
    ...User ${leaf}
    reviews {
      ...Review
      product {
        ...Product
        reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
      }
    }
  }
  topProducts {
    ...Product
    reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
  }
}`;

const small = "query Small { me { id username } }";
const large =
  "query Large { catalogue(first: 18000) { upc name price weight description inStock shippingEstimate } }";

export const scenarios: readonly Scenario[] = [
  {
    name: "heavy",
    title: "heavy query, 50 connections",
    connections: 50,
    latencyMs: 0,
    operation: () => heavy(),
    warmUp: 1_500,
  },
  {
    name: "latency",
    title: "the same, subgraphs answer after 4 ms",
    connections: 50,
    latencyMs: 4,
    operation: () => heavy(),
    warmUp: 500,
  },
  {
    name: "wide",
    title: "the same, 500 connections",
    connections: 500,
    latencyMs: 0,
    operation: () => heavy(),
    warmUp: 1_000,
  },
  {
    name: "small",
    title: "small query, 50 connections",
    connections: 50,
    latencyMs: 0,
    operation: () => small,
    warmUp: 5_000,
  },
  {
    name: "large",
    title: "answer of 8 MiB, 4 connections",
    connections: 4,
    latencyMs: 0,
    operation: () => large,
    warmUp: 8,
  },
  {
    name: "cold",
    title: "every operation new, 20 connections",
    connections: 20,
    latencyMs: 0,
    operation: (index) => heavy(`a${index}: birthday`),
    warmUp: 200,
  },
];
