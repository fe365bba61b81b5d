/** What each subgraph needs from others to compute a field (@requires), as field sets. */
import { isInterfaceType, isObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "./parseSupergraph.ts";

/** By subgraph, then by coordinate of the field. */
export type Requirements = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function readRequirements({ parsed }: Pick<ParsedSupergraph, "parsed">): Requirements {
  const found = new Map<string, Map<string, string>>();
  const nameOf = new Map<unknown, string>();
  for (const [name, graph] of parsed.subgraphNameToGraphEnumValue()) nameOf.set(graph, name);
  for (const type of parsed.schema.types()) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of type.fields())
      for (const join of field.appliedDirectivesOf("join__field")) {
        const { graph, requires } = join.arguments();
        const subgraph = nameOf.get(graph);
        if (subgraph === undefined || typeof requires !== "string") continue;
        const ofSubgraph = found.get(subgraph) ?? new Map<string, string>();
        found.set(subgraph, ofSubgraph.set(field.coordinate, requires));
      }
  }
  return found;
}
