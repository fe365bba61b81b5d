import type { FetchNode, PathSegment, RequiredSelection } from "../../planning/queryPlan.ts";
import type { Select, Wanted } from "./compilePrinter.ts";
import type { KnownTypes } from "./knownTypes.ts";
import { NotCompilable, toByteText } from "./shape.ts";

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
        constant: undefined,
        isOptional: parts.every(({ optional }) => optional === true),
        select: isLeaf ? undefined : selectRequired(nested, types),
      };
    });
  };
}

/** The same after the fetch's rewrites, which tell a subgraph that knows an interface alone that an object is of it. */
export function selectRewritten(
  { requires = [], inputRewrites }: Pick<FetchNode, "requires" | "inputRewrites">,
  types: KnownTypes,
): Select {
  const select = selectRequired(requires, types);
  return (typeName) => {
    const fitting = inputRewrites.filter(({ path }) =>
      path.every((segment) => isFor(segment, typeName, types)),
    );
    const [rewrite, another] = fitting;
    if (!rewrite) return select(typeName);
    if (another || rewrite.kind !== "setValue") throw new NotCompilable("rewritten representations");
    const { key, value } = rewrite;
    const set = { key, constant: toByteText(JSON.stringify(value)) };
    return select(typeName)?.map((wanted) => (wanted.key === key ? { ...wanted, ...set } : wanted));
  };
}

function isFor(segment: PathSegment, typeName: string, types: KnownTypes): boolean {
  if (segment.kind !== "type") throw new NotCompilable("rewrites inside of representations");
  return segment.names.some((name) => types.fits(typeName, name));
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
