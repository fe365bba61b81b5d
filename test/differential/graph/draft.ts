/** A model in the making, and what may stand where in it. */
import type { Pick } from "../random.ts";
import {
  type FieldModel,
  type InterfaceModel,
  isLeaf,
  type Model,
  type ObjectModel,
  type UnionModel,
} from "./model.ts";

type Filling<Part> = {
  -readonly [Key in keyof Part]: Part[Key] extends readonly (infer Item)[] ? Item[] : Part[Key];
};

export type DraftField = Filling<FieldModel>;
export type DraftObject = Omit<Filling<ObjectModel>, "fields"> & { readonly fields: DraftField[] };
export type DraftInterface = Omit<Filling<InterfaceModel>, "fields"> & { readonly fields: DraftField[] };

export type Draft = {
  readonly pick: Pick;
  readonly subgraphs: number;
  /** Whether two fields may need a third with different arguments: such a graph has queries only. */
  readonly mayConflict: boolean;
  readonly objects: DraftObject[];
  readonly interfaces: DraftInterface[];
  readonly unions: UnionModel[];
};

export function addObject(
  draft: Draft,
  object: Partial<DraftObject> & { readonly name: string; readonly kind: ObjectModel["kind"] },
): DraftObject {
  const added: DraftObject = {
    keys: [],
    family: object.name,
    presences: [],
    implements: [],
    fields: [],
    ...object,
  };
  draft.objects.push(added);
  return added;
}

export function objectIn(draft: Draft, name: string): DraftObject {
  const object = draft.objects.find((one) => one.name === name);
  if (!object) throw new Error(`the draft has no type ${name}`);
  return object;
}

export function isPresent({ presences }: DraftObject, subgraph: number): boolean {
  return presences.some((presence) => presence.subgraph === subgraph);
}

/** Makes the type known in a subgraph, as far as it has to be; false where composition would not allow it. */
export function ensurePresent(draft: Draft, name: string, subgraph: number): boolean {
  if (isLeaf(name)) return true;
  const union = draft.unions.find((one) => one.name === name);
  if (union) return union.members.some(({ subgraphs }) => subgraphs.includes(subgraph));
  const known = draft.interfaces.find((one) => one.name === name);
  if (known) return known.homes.includes(subgraph) || known.objectHomes.includes(subgraph);
  const object = objectIn(draft, name);
  if (isPresent(object, subgraph)) return true;
  if (!mayBePresent(draft, object, subgraph)) return false;
  if (object.kind === "entity") {
    object.presences.push({ subgraph, keys: [0], isResolvable: draft.pick(2) === 1 });
    for (const field of object.fields)
      if (field.keyPart === "id") field.homes = [...new Set([...field.homes, subgraph])];
    return true;
  }
  object.presences.push({ subgraph, keys: [], isResolvable: false });
  for (const field of object.fields) {
    ensurePresent(draft, field.type.name, subgraph);
    field.homes = [...field.homes, subgraph];
  }
  return true;
}

/** Where an interface is an interface object, its implementers may not be. */
function mayBePresent(draft: Draft, object: DraftObject, subgraph: number): boolean {
  const family = draft.interfaces.find(({ name }) => name === object.family);
  if (family?.objectHomes.includes(subgraph)) return false;
  return (
    object.kind === "entity" ||
    object.fields.every(({ type }) => isLeaf(type.name) || mayStandIn(draft, type.name, subgraph))
  );
}

function mayStandIn(draft: Draft, name: string, subgraph: number): boolean {
  const object = draft.objects.find((one) => one.name === name);
  return object !== undefined && mayBePresent(draft, object, subgraph);
}

/** The object types that an abstract type has in a subgraph. */
export function possibleIn(draft: Draft, name: string, subgraph: number): string[] {
  const union = draft.unions.find((one) => one.name === name);
  if (union)
    return union.members.filter(({ subgraphs }) => subgraphs.includes(subgraph)).map((member) => member.name);
  const all = draft.objects.filter((object) => object.implements.some((one) => one.name === name));
  const isObject = draft.interfaces.some((one) => one.name === name && one.objectHomes.includes(subgraph));
  return all
    .filter(
      (object) =>
        isObject || object.implements.some((one) => one.name === name && one.subgraphs.includes(subgraph)),
    )
    .map((object) => object.name);
}

export function isAbstractIn(draft: Draft, name: string): boolean {
  return [...draft.unions, ...draft.interfaces].some((one) => one.name === name);
}

/** Without what came to stand nowhere. */
export function toModel({ subgraphs, objects, interfaces, unions }: Draft): Model {
  const used = objects.filter(
    ({ fields, kind, presences }) => (kind === "root" ? fields : presences).length > 0,
  );
  const known = used.map((object) => ({
    ...object,
    fields: object.fields.filter(({ homes }) => homes.length > 0),
  }));
  return { subgraphs, objects: known, interfaces, unions };
}
