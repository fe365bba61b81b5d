/** What the gateway serves by. Apollo's reading of the SDL is not in it (parseSupergraph.ts). */
import type { GraphQLSchema } from "graphql";
import type { CostRules } from "./costRules.ts";
import type { DataClasses } from "./dataClasses.ts";
import type { EventKeys } from "./eventKeys.ts";
import type { RequirementConflicts } from "./requirementConflicts.ts";
import type { Requirements } from "./requirements.ts";
import type { ReservedKeys } from "./reservedKeys.ts";
import type { ResolvableKeys } from "./resolvableKeys.ts";
import type { SecurityRules } from "./securityRules.ts";

export type Supergraph = {
  readonly sdl: string;
  /** SHA-256 of the SDL, hexadecimal: the same text is the same supergraph. */
  readonly id: string;
  readonly subgraphs: readonly SubgraphEndpoint[];
  /** What clients see, validate against and introspect. */
  readonly apiSchema: GraphQLSchema;
  /** All types and fields, those too that clients must not know of. */
  readonly supergraphSchema: GraphQLSchema;
  readonly facts: SupergraphFacts;
};

export type SubgraphEndpoint = { readonly name: string; readonly url: string };

/** What the directives of the supergraph say, as plain data: it comes from another thread. */
export type SupergraphFacts = {
  readonly security: SecurityRules;
  readonly cost: CostRules;
  readonly classes: DataClasses;
  readonly reserved: ReservedKeys;
  readonly conflicts: RequirementConflicts;
  readonly resolvableKeys: ResolvableKeys;
  readonly requirements: Requirements;
  /** Of progressive overrides. */
  readonly overrideLabels: readonly string[];
  readonly eventKeys: EventKeys;
};
