import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from "graphql";
import { NotCompilable } from "./shape.ts";

/** The specification's CollectFields for one object type: fields by response key, in the order of the answer. */
export function collectFields(
  sets: readonly SelectionSetNode[],
  { fragments, applies, isIncluded }: CollectOptions,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const collect = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (!isIncluded(selection.directives ?? [])) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const known = fields.get(key);
        if (known) known.push(selection);
        else fields.set(key, [selection]);
        continue;
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (!fragment) throw new NotCompilable("a fragment that is not there");
      const condition = fragment.typeCondition?.name.value;
      if (condition === undefined || applies(condition)) collect(fragment.selectionSet);
    }
  };
  for (const set of sets) collect(set);
  return fields;
}

export type CollectOptions = {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Whether a fragment on this type is for the objects in question. */
  readonly applies: (condition: string) => boolean;
  readonly isIncluded: (directives: FieldNode["directives"] & {}) => boolean;
};
