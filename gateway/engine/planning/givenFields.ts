/**
 * Whether a subgraph can answer a field: not what is @external there, unless something there provides it, and what @requires
 * others only for an entity that is sent to it.
 */
import { isInterfaceType, isObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { readArguments, readFieldSet } from "../../supergraph/readFieldSet.ts";

export type IsGiven = (asked: {
  readonly subgraph: string;
  readonly typeName: string;
  readonly fieldName: string;
  /** Of what is sent, not of what is found below it or below a root. */
  readonly isOfEntity: boolean;
}) => boolean;

export function createIsGiven({ parsed }: Pick<ParsedSupergraph, "parsed">): IsGiven {
  const graphs = parsed.subgraphNameToGraphEnumValue();
  const externals = new Set<string>();
  const provided = new Set<string>();
  const needy = new Set<string>();
  for (const type of parsed.schema.types()) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of type.fields())
      for (const join of field.appliedDirectivesOf("join__field")) {
        const { graph, external, provides, requires } = join.arguments();
        if (typeof requires === "string") needy.add(`${graph} ${field.coordinate}`);
        if (external === true) externals.add(`${graph} ${field.coordinate}`);
        if (typeof provides !== "string") continue;
        for (const path of readArguments(readFieldSet(provides)).keys())
          provided.add(`${graph} ${path.slice(path.lastIndexOf(".") + 1)}`);
      }
  }
  return ({ subgraph, typeName, fieldName, isOfEntity }) => {
    const graph = graphs.get(subgraph);
    const coordinate = `${graph} ${typeName}.${fieldName}`;
    if (needy.has(coordinate) && !isOfEntity) return false;
    return !externals.has(coordinate) || provided.has(`${graph} ${fieldName}`);
  };
}
