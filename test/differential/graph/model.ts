/**
 * One graph as data: what a single server would know, and which subgraph knows which part of it. Everything else is made
 * of this: the SDL of each subgraph and of the monolith, and what each of them answers. Subgraphs are numbers.
 */
export type Model = {
  readonly subgraphs: number;
  /** Roots, entities and value types. */
  readonly objects: readonly ObjectModel[];
  readonly interfaces: readonly InterfaceModel[];
  readonly unions: readonly UnionModel[];
};

/** `nonNull` from the outermost list to the item: `[[Name!]]` is `[false, false, true]`. */
export type TypeRef = { readonly name: string; readonly nonNull: readonly boolean[] };

export type ArgumentModel = {
  readonly name: string;
  readonly type: string;
  /** As written in SDL. */
  readonly fallback?: string;
};

export type FieldModel = {
  readonly name: string;
  readonly type: TypeRef;
  readonly args: readonly ArgumentModel[];
  /** Who resolves it; of several each says the same. */
  readonly homes: readonly number[];
  /** Which object types it can be, where its type is abstract; absent when any of them. */
  readonly possible?: readonly string[];
  /** What its only home needs from others to compute it: a field set. */
  readonly requires?: string;
  /** What its only home answers of its objects although others own it: a field set. */
  readonly provides?: string;
  /** The value that its only home reads from the nearest of these types above, by @fromContext: the field of each. */
  readonly reads?: { readonly type: string; readonly from: Readonly<Record<string, string>> };
  /** Somebody else provides it. */
  readonly isLent?: boolean;
  /** Who had it before; asked there, it is wrong. */
  readonly takenFrom?: number;
  readonly isInaccessible?: boolean;
  readonly isTagged?: boolean;
  /** Part of a key: told by the number of the row. */
  readonly keyPart?: "id" | "code" | "part" | "x";
  /** How often its row was touched by mutations so far. */
  readonly isCount?: boolean;
  /** In a hundred places, so many fail, and of those that may be null so many are. */
  readonly failing: number;
  readonly nulls: number;
};

export type ObjectModel = {
  readonly name: string;
  readonly kind: "root" | "entity" | "value";
  /** Field sets; none but for entities. */
  readonly keys: readonly string[];
  /** Whose rows these are: its own, or all of an entity interface's together. */
  readonly family: string;
  readonly presences: readonly Presence[];
  readonly implements: readonly { readonly name: string; readonly subgraphs: readonly number[] }[];
  readonly fields: readonly FieldModel[];
};

/** A type in a subgraph, with the keys that it has there. */
export type Presence = {
  readonly subgraph: number;
  readonly keys: readonly number[];
  readonly isResolvable: boolean;
};

export type InterfaceModel = {
  readonly name: string;
  /** Where it has the key `id`, all implementers are entities of one family. */
  readonly isEntity: boolean;
  readonly homes: readonly number[];
  /** Where it is an interface object. */
  readonly objectHomes: readonly number[];
  /** What all implementers have; beside that, what interface objects add to all of them. */
  readonly fields: readonly FieldModel[];
};

export type UnionModel = {
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly subgraphs: readonly number[] }[];
};

export const leafNames = ["Int", "String", "Float", "Boolean", "ID", "Kind", "Blob"] as const;

export function isLeaf(name: string): boolean {
  return leafNames.some((leaf) => leaf === name);
}

export function printTypeRef({ name, nonNull }: TypeRef): string {
  return nonNull.reduceRight(
    (inner, isNonNull, level) =>
      `${level === nonNull.length - 1 ? name : `[${inner}]`}${isNonNull ? "!" : ""}`,
    "",
  );
}

export function objectOf(model: Model, name: string): ObjectModel | undefined {
  return model.objects.find((object) => object.name === name);
}

export function interfaceOf(model: Model, name: string): InterfaceModel | undefined {
  return model.interfaces.find((one) => one.name === name);
}

/** Its own fields and those that interface objects add to it. */
export function fieldsOf(model: Model, typeName: string): readonly FieldModel[] {
  const object = objectOf(model, typeName);
  if (!object) return interfaceOf(model, typeName)?.fields ?? [];
  const own = new Set(object.fields.map(({ name }) => name));
  const added = object.implements.flatMap(({ name }) => interfaceOf(model, name)?.fields ?? []);
  return [...object.fields, ...added.filter(({ name }) => !own.has(name))];
}

export function getField(model: Model, typeName: string, fieldName: string): FieldModel {
  const field = fieldsOf(model, typeName).find(({ name }) => name === fieldName);
  if (!field) throw new Error(`the graph has no ${typeName}.${fieldName}`);
  return field;
}

/** The object types of an abstract type, or the object type itself. */
export function possibleTypes(model: Model, name: string): readonly string[] {
  const union = model.unions.find((one) => one.name === name);
  if (union) return union.members.map((member) => member.name);
  if (!interfaceOf(model, name)) return [name];
  return model.objects.filter((object) => implementsType(object, name)).map((object) => object.name);
}

export function implementsType(object: ObjectModel, name: string): boolean {
  return object.implements.some((one) => one.name === name);
}

/** The entity interface that the rows of this type belong to. */
export function entityInterfaceOf(model: Model, typeName: string): InterfaceModel | undefined {
  const object = objectOf(model, typeName);
  return object && object.family !== object.name ? interfaceOf(model, object.family) : undefined;
}
