/** Fields that need others to be computed, while others need them: a @requires that names a field with a @requires. */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { readFieldSet } from "../../supergraph/readFieldSet.ts";
import type { Supergraph } from "../../supergraph/supergraph.ts";

export type RequirementChains = {
  /** By coordinate of a field that is needed and needs: by subgraph that computes it, the fields at the top of what it needs. */
  readonly needy: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** What is needed, by coordinate of the field that needs a needy one. */
  readonly consumers: ReadonlyMap<string, SelectionSetNode>;
  /** A part of a key by which the subgraph finds objects of the type. */
  readonly isKey: (subgraph: string, typeName: string, field: string) => boolean;
  /** The name of its type; undefined for what is no field. */
  readonly typeOf: (typeName: string, field: string) => string | undefined;
  /** Object types that a value of this type can have. */
  readonly possible: (typeName: string) => readonly string[];
};

export function readRequirementChains({
  supergraphSchema: schema,
  facts: { requirements, resolvableKeys },
}: Pick<Supergraph, "supergraphSchema" | "facts">): RequirementChains {
  const all = [...requirements].flatMap(([subgraph, ofSubgraph]) =>
    [...ofSubgraph].map(([coordinate, fields]) => ({ subgraph, coordinate, set: readFieldSet(fields) })),
  );
  const consumed = new Map(
    all.map((one) => [one, coordinatesIn(one.set, schema.getType(typeOfCoordinate(one.coordinate)), schema)]),
  );
  const named = new Set([...consumed.values()].flat());
  const needy = new Map<string, Map<string, Set<string>>>();
  for (const { coordinate, subgraph, set } of all) {
    if (!named.has(coordinate)) continue;
    const bySubgraph = needy.get(coordinate) ?? new Map<string, Set<string>>();
    needy.set(coordinate, bySubgraph.set(subgraph, new Set(topFields(set))));
  }
  const consumers = all.filter((one) => consumed.get(one)?.some((coordinate) => needy.has(coordinate)));
  return {
    needy,
    consumers: new Map(consumers.map(({ coordinate, set }) => [coordinate, set])),
    isKey: (subgraph, typeName, field) =>
      (resolvableKeys.get(subgraph)?.get(typeName) ?? []).some((key) =>
        topFields(readFieldSet(key)).includes(field),
      ),
    typeOf: (typeName, name) => {
      const type = fieldOf(schema.getType(typeName), name)?.type;
      return type && getNamedType(type).name;
    },
    possible: (typeName) => {
      const type = schema.getType(typeName);
      return isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [typeName];
    },
  };
}

function coordinatesIn(
  set: SelectionSetNode,
  type: GraphQLNamedType | undefined,
  schema: GraphQLSchema,
): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const narrowed = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type;
      return coordinatesIn(selection.selectionSet, narrowed, schema);
    }
    const field = fieldOf(type, selection.name.value);
    if (!type || !field) return [];
    const inner = selection.selectionSet
      ? coordinatesIn(selection.selectionSet, getNamedType(field.type), schema)
      : [];
    return [`${type.name}.${field.name}`, ...inner];
  });
}

function fieldOf(type: GraphQLNamedType | undefined, name: string) {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function typeOfCoordinate(coordinate: string): string {
  return coordinate.slice(0, coordinate.indexOf("."));
}

function topFields({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : []));
}
