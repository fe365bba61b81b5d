/** Whether a subgraph can answer a field: what is @external there is not, unless something there provides it. */
import { isInterfaceType, isObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { readArguments, readFieldSet } from "../../supergraph/readFieldSet.ts";

export type IsGiven = (subgraph: string, typeName: string, fieldName: string) => boolean;

export function createIsGiven({ parsed }: Pick<ParsedSupergraph, "parsed">): IsGiven {
  const graphs = parsed.subgraphNameToGraphEnumValue();
  const externals = new Set<string>();
  const provided = new Set<string>();
  for (const type of parsed.schema.types()) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of type.fields())
      for (const join of field.appliedDirectivesOf("join__field")) {
        const { graph, external, provides } = join.arguments();
        if (external === true) externals.add(`${graph} ${field.coordinate}`);
        if (typeof provides !== "string") continue;
        for (const path of readArguments(readFieldSet(provides)).keys())
          provided.add(`${graph} ${path.slice(path.lastIndexOf(".") + 1)}`);
      }
  }
  return (subgraph, typeName, fieldName) => {
    const graph = graphs.get(subgraph);
    return !externals.has(`${graph} ${typeName}.${fieldName}`) || provided.has(`${graph} ${fieldName}`);
  };
}
