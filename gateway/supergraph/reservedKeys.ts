/** The response keys that a planner may add to any selection by itself: what @key, @requires and @fromContext name. */
import type { NamedType } from "@apollo/federation-internals";
import { isInterfaceType, isObjectType } from "@apollo/federation-internals";
import { readContextUses } from "./contextUses.ts";
import type { ParsedSupergraph } from "./parseSupergraph.ts";
import { readArguments, readFieldSet } from "./readFieldSet.ts";

export type ReservedKeys = {
  readonly all: ReadonlySet<string>;
  /** Named with arguments in a @requires, so the client's field of that name may be another one. */
  readonly withArguments: ReadonlySet<string>;
};

export function readReservedKeys({ parsed: { schema } }: Pick<ParsedSupergraph, "parsed">): ReservedKeys {
  const all = new Set(["__typename", "__proto__"]);
  const withArguments = new Set<string>();
  const sets = [
    ...schema.types().flatMap(fieldSetsOf).map(readFieldSet),
    ...readContextUses(schema).map(({ selection }) => selection),
  ];
  for (const set of sets)
    for (const [path, text] of readArguments(set)) {
      const name = path.slice(path.lastIndexOf(".") + 1);
      all.add(name);
      if (text !== "") withArguments.add(name);
    }
  return { all, withArguments };
}

function fieldSetsOf(type: NamedType): string[] {
  const keys = type.appliedDirectivesOf("join__type").map((join) => join.arguments().key);
  const fields = isObjectType(type) || isInterfaceType(type) ? type.fields() : [];
  const requires = fields.flatMap((field) =>
    field.appliedDirectivesOf("join__field").map((join) => join.arguments().requires),
  );
  return [...keys, ...requires].filter((fieldSet) => typeof fieldSet === "string");
}
