import type { RequiredSelection } from "../../planning/queryPlan.ts";
import type { Select, Wanted } from "./compilePrinter.ts";
import type { KnownTypes } from "./knownTypes.ts";

/** What a representation has, by the type of the object: as `buildRepresentation` finds it in data. */
export function selectRequired(requires: readonly RequiredSelection[], types: KnownTypes): Select {
  return (typeName) => {
    const fields = new Map<string, RequiredField[]>();
    collect(requires, typeName, types, fields);
    return [...fields].map(([key, parts]): Wanted => {
      const nested = parts.flatMap(({ selections }) => selections ?? []);
      const isLeaf = parts.every(({ selections }) => selections === undefined);
      return {
        key,
        sourceKey: key,
        isTypename: false,
        isOptional: parts.every(({ optional }) => optional === true),
        select: isLeaf ? undefined : selectRequired(nested, types),
      };
    });
  };
}

type RequiredField = Extract<RequiredSelection, { kind: "field" }>;

/** Fragments that bring parts of the same object are one selection of it. */
function collect(
  selections: readonly RequiredSelection[],
  typeName: string,
  types: KnownTypes,
  into: Map<string, RequiredField[]>,
): void {
  for (const selection of selections) {
    if (selection.kind === "field") into.set(selection.key, [...(into.get(selection.key) ?? []), selection]);
    else if (types.fits(typeName, selection.name)) collect(selection.selections, typeName, types, into);
  }
}
