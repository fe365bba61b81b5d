/** From the operation of a fetch to the shape of its answer. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import type { FetchNode, PathSegment, Rewrite } from "../../planning/queryPlan.ts";
import { collectFields } from "./collectFields.ts";
import type { KnownTypes } from "./knownTypes.ts";
import {
  ANY,
  BOOLEAN,
  CONSTANT,
  createValueShape,
  ENUM,
  type Family,
  type FieldShape,
  FLOAT,
  HEADER,
  INT,
  LIST,
  NotCompilable,
  OBJECT,
  type ObjectShape,
  type Place,
  STRING,
  type ValueKind,
  type ValueShape,
} from "./shape.ts";

/** Abstract types in abstract types have many combinations; such a plan is left to the general executor. */
export const SHAPES_MAX = 2_000;

export function compileShapes(
  fetch: FetchNode,
  index: number,
  types: KnownTypes,
  budget: { shapes: number },
): Family {
  const document = parse(fetch.operation, { noLocation: true });
  const fragments = readFragments(document);
  const parts = new Map<string, ObjectShape>();

  const shapeOf = (typeName: string, sets: readonly SelectionSetNode[]): ObjectShape => {
    budget.shapes -= 1;
    if (budget.shapes < 0) throw new NotCompilable("more shapes than are worth it");
    const fields: FieldShape[] = [];
    let size = HEADER;
    const applies = (condition: string) => types.fits(typeName, condition);
    for (const [key, nodes] of collectFields(sets, { fragments, applies, isIncluded: assertCertain })) {
      const value = shapeOfField(typeName, nodes);
      const before = fields.length === 0 ? "{" : ",";
      fields.push({
        key,
        textKey: key,
        keyBytes: Buffer.from(`${before}"${key}":`),
        value,
        offset: size,
      });
      size += value.kind >= OBJECT ? 2 : 1;
    }
    return { typeName, fields, attachments: [], size };
  };

  const shapeOfField = (typeName: string, nodes: readonly FieldNode[]): ValueShape => {
    const name = nodes[0]?.name.value ?? "";
    if (name === "__typename")
      return createValueShape(CONSTANT, { isNullable: false, constant: Buffer.from(`"${typeName}"`) });
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    return shapeOfType(types.typeOfField(typeName, name), sets);
  };

  const shapeOfType = (type: GraphQLOutputType, sets: readonly SelectionSetNode[]): ValueShape => {
    const isNullable = !isNonNullType(type);
    const bare = getNullableType(type);
    if (isListType(bare)) return createValueShape(LIST, { isNullable, item: shapeOfType(bare.ofType, sets) });
    if (isCompositeType(bare))
      return createValueShape(OBJECT, { isNullable, place: placeOf(bare.name, sets) });
    if (isEnumType(bare)) {
      const names = new Set(bare.getValues().map((value) => value.name));
      return createValueShape(ENUM, { isNullable, names });
    }
    return createValueShape(LEAF_KINDS.get(bare.toString()) ?? ANY, { isNullable });
  };

  const placeOf = (typeName: string, sets: readonly SelectionSetNode[]): Place => {
    const isAbstract = types.isAbstract(typeName);
    const variants = types.possibleTypes(typeName).map((possible) => shapeOf(possible, sets));
    if (isAbstract && variants.some(({ fields }) => fields[0]?.textKey !== "__typename"))
      throw new NotCompilable("an object that does not begin with its type");
    if (variants.length === 0) throw new NotCompilable("an interface without object types");
    return { owner: family, variants, isAbstract, chain: 0 };
  };

  const top = document.definitions.flatMap((part) =>
    part.kind === Kind.OPERATION_DEFINITION ? [part.selectionSet] : [],
  );
  const sets = fetch.requires ? top.flatMap(entitySets) : top;
  const family: Family = {
    index,
    steps: new Set(),
    partOf: (typeName) => {
      const known = parts.get(typeName);
      if (known) return known;
      const part = shapeOf(typeName, sets);
      for (const rewrite of fetch.outputRewrites) rewriteShape(part, rewrite, types);
      parts.set(typeName, part);
      return part;
    },
  };
  return family;
}

const LEAF_KINDS: ReadonlyMap<string, ValueKind> = new Map([
  ["String", STRING],
  ["ID", STRING],
  ["Int", INT],
  ["Float", FLOAT],
  ["Boolean", BOOLEAN],
]);

export function readFragments(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((part) =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part]] : [],
    ),
  );
}

function entitySets({ selections }: SelectionSetNode): SelectionSetNode[] {
  return selections.map((selection) => {
    if (selection.kind === Kind.FIELD && selection.name.value === "_entities" && selection.selectionSet)
      return selection.selectionSet;
    throw new NotCompilable("an entity fetch that asks for more than entities");
  });
}

/** Conditions were decided before planning; what is left of them is rare. */
function assertCertain(directives: readonly { readonly name: { readonly value: string } }[]): boolean {
  if (directives.some(({ name }) => name.value === "skip" || name.value === "include"))
    throw new NotCompilable("a condition in a fetch");
  return true;
}

function rewriteShape(shape: ObjectShape, rewrite: Rewrite, types: KnownTypes): void {
  if (rewrite.kind !== "renameKey") throw new NotCompilable("a value set in an answer");
  for (const { fields } of followShape(shape, rewrite.path, types)) {
    if (fields.some(({ key }) => key === rewrite.newKey)) throw new NotCompilable("two fields of one key");
    for (const field of fields) if (field.key === rewrite.key) field.key = rewrite.newKey;
  }
}

function followShape(
  shape: ObjectShape,
  [segment, ...rest]: readonly PathSegment[],
  types: KnownTypes,
): ObjectShape[] {
  if (!segment) return [shape];
  switch (segment.kind) {
    case "items":
      return followShape(shape, rest, types);
    case "type":
      return segment.names.some((name) => types.fits(shape.typeName, name))
        ? followShape(shape, rest, types)
        : [];
    case "field":
      return shape.fields
        .filter(({ key }) => key === segment.key)
        .flatMap(({ value }) => placeIn(value)?.variants ?? [])
        .flatMap((variant) => followShape(variant, rest, types));
  }
}

/** The place of the objects in a value, however many lists are around them. */
export function placeIn(value: ValueShape): Place | undefined {
  return value.item ? placeIn(value.item) : value.place;
}
