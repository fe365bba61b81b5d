/** What is asked in each scenario. `operation(i)` is the i-th request's document; most scenarios repeat one. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  /** Added by every subgraph to every answer, in milliseconds. */
  readonly latencyMs: number;
  readonly operation: (index: number) => string;
  /** Requests that each gateway answers before it is measured; events are measured once every subscriber has had one. */
  readonly warmUp: number;
  /** Each connection is a subscription with so many events a second; what is counted are events. */
  readonly eventsPerSecond?: number;
  /** Fragments come after the rest, and an answer that comes as a whole is wrong. */
  readonly isDeferred?: boolean;
  /** Gateways that cannot do it at all. */
  readonly unableGateways?: readonly string[];
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

/** What the products' own subgraph knows at once, what two others know later, and what is later still. */
const deferred = `query Deferred { topProducts {
  upc name price
  ... @defer { inStock shippingEstimate }
  ... @defer { reviews { id body author { id username ... @defer { name } } } }
} }`;

const eventsPerSecond = 0.2;
const event = "{ id body product { upc name price inStock shippingEstimate } author { id username } }";

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
  {
    name: "deferred",
    title: "deferred parts, 50 connections",
    connections: 50,
    latencyMs: 0,
    operation: () => deferred,
    warmUp: 1_000,
    isDeferred: true,
    // Hive Gateway sends the whole in one part, with `deferStream` too.
    unableGateways: ["apollo-gateway", "hive-gateway", "hive-gateway-rust"],
  },
  {
    name: "events",
    title: "1,000 subscribers, each with an event every 5 s from four subgraphs; per 1,000 events",
    connections: 1_000,
    latencyMs: 0,
    operation: () => `subscription Events { reviewAdded(perSecond: ${eventsPerSecond}) ${event} }`,
    warmUp: 0,
    eventsPerSecond,
    unableGateways: ["apollo-gateway"],
  },
];
