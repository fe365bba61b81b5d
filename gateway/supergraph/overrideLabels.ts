/** The labels of progressive overrides (`@override(from:, label:)`) in a supergraph. */
import { isInterfaceType, isObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "./parseSupergraph.ts";

export function readOverrideLabels({ parsed: { schema } }: Pick<ParsedSupergraph, "parsed">): string[] {
  const labels = new Set<string>();
  for (const type of schema.types()) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of type.fields())
      for (const join of field.appliedDirectivesOf("join__field")) {
        const { overrideLabel } = join.arguments();
        if (typeof overrideLabel === "string") labels.add(overrideLabel);
      }
  }
  return [...labels];
}
