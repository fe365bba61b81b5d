/** The keys by which a subgraph finds entities of a type, as field sets. */
import type { ParsedSupergraph } from "./parseSupergraph.ts";

/** By subgraph, then by type; a type without such a key is absent. */
export type ResolvableKeys = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

export function readResolvableKeys({ parsed }: Pick<ParsedSupergraph, "parsed">): ResolvableKeys {
  const found = new Map<string, Map<string, string[]>>();
  const nameOf = new Map<unknown, string>();
  for (const [name, graph] of parsed.subgraphNameToGraphEnumValue()) {
    found.set(name, new Map());
    nameOf.set(graph, name);
  }
  for (const type of parsed.schema.types()) {
    for (const join of type.appliedDirectivesOf("join__type")) {
      const { graph, key, resolvable } = join.arguments();
      const ofSubgraph = found.get(nameOf.get(graph) ?? "");
      if (!ofSubgraph || typeof key !== "string" || resolvable === false) continue;
      ofSubgraph.set(type.name, [...(ofSubgraph.get(type.name) ?? []), key]);
    }
  }
  return found;
}
