import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { RequirementConflicts } from "../../supergraph/requirementConflicts.ts";
import { TYPENAME } from "./typename.ts";

/**
 * The document once for each group of conflicting fields in it, without those of the other groups. What is common to all
 * is asked again with each: the price of a right answer, paid by such operations alone.
 */
export function splitConflicts(
  document: DocumentNode,
  schema: GraphQLSchema,
  conflicts: RequirementConflicts,
): readonly DocumentNode[] {
  if (conflicts.size === 0) return [document];
  const groups = new Set<number>();
  visitFields(document, schema, conflicts, (group) => {
    groups.add(group);
    return true;
  });
  if (groups.size <= 1) return [document];
  return [...groups].map((kept) => visitFields(document, schema, conflicts, (group) => group === kept));
}

/** Keeps the conflicting fields whose group `keeps` says, and all others. */
function visitFields(
  document: DocumentNode,
  schema: GraphQLSchema,
  conflicts: RequirementConflicts,
  keeps: (group: number) => boolean,
): DocumentNode {
  const types = new TypeInfo(schema);
  const groupOf = (field: FieldNode): number | undefined => {
    const parent = types.getParentType();
    const objects = isAbstractType(parent)
      ? schema.getPossibleTypes(parent)
      : isObjectType(parent)
        ? [parent]
        : [];
    const groups = objects.map(({ name }) => conflicts.get(`${name}.${field.name.value}`));
    return groups.find((group) => group !== undefined);
  };
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: (field) => {
        const group = groupOf(field);
        return group === undefined || keeps(group) ? undefined : null;
      },
      SelectionSet: {
        leave: (set) =>
          set.selections.length > 0 ? undefined : { kind: Kind.SELECTION_SET, selections: [TYPENAME] },
      },
    }),
  );
}
