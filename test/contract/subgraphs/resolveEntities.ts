import type { Answer } from "../../support/postGraphql.ts";
import type { ContextClaims } from "../../support/signContext.ts";
import type { RunningSubgraph } from "../../support/startSubgraph.ts";
import type { EntityCase, Row } from "./samples/sample.ts";

export type Entities = { readonly _entities: readonly (Row | null)[] };

/** Asks for entities by reference, as a gateway does after another subgraph named them. */
export function resolveEntities(
  subgraph: RunningSubgraph,
  { type, select, required }: EntityCase,
  references: readonly Row[],
  claims: Partial<ContextClaims> = {},
): Promise<Answer<Entities>> {
  return subgraph.query<Entities>(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} { ${select} } } }`,
    { representations: references.map((reference) => ({ __typename: type, ...required, ...reference })) },
    claims,
  );
}
