/** The five subgraphs, in the order in which they are seeded. */
export const subgraphNames = ["regions", "intelligence", "ml", "compliance", "mobile"] as const;

export type SubgraphName = (typeof subgraphNames)[number];
