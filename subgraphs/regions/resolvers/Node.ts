import type { NodeResolvers } from "../generated/resolvers.ts";

/** Every type that `node` can give, by the word for it in ids. Those of other subgraphs are named at the end of schema.graphql. */
const names = [
  "Region",
  "Jurisdiction",
  "Country",
  "Signal",
  "Source",
  "Actor",
  "Organisation",
  "Asset",
  "Vulnerability",
  "Place",
  "Technique",
  "Malware",
  "RiskAssessment",
  "FusionResult",
  "Scenario",
  "Model",
  "ModelVersion",
  "FederatedRun",
  "Experiment",
  "Control",
  "RetentionRule",
] as const;

export type NodeType = (typeof names)[number];

export const nodeTypes: ReadonlyMap<string, NodeType> = new Map(
  names.map((name) => [name.toLowerCase(), name]),
);

export const Node: NodeResolvers = {
  __resolveType: (node) => {
    if ("__typename" in node && node.__typename) return node.__typename;
    if ("allowedRegions" in node) return "Jurisdiction";
    return "alpha3" in node ? "Country" : "Region";
  },
};
