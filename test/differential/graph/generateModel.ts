/**
 * Random graphs: entities with several and composite keys, value types, interfaces, interface objects, unions, and fields
 * that subgraphs own, share, take over, compute from others' or lend. Not all of them compose: `createGraph` takes the
 * next seed then.
 */
import type { Pick } from "../random.ts";
import { addContext } from "./addContext.ts";
import { addInputs, type ModelOptions } from "./addInputs.ts";
import { addRoots } from "./addRoots.ts";
import {
  addObject,
  type Draft,
  type DraftField,
  type DraftObject,
  ensurePresent,
  isPresent,
  possibleIn,
  toModel,
} from "./draft.ts";
import type { Model } from "./model.ts";
import { createField, createKeyField, pickField, pickLeaf, pickWrapped } from "./pickField.ts";

export function generateModel(pick: Pick, options: ModelOptions): Model {
  const draft: Draft = {
    pick,
    subgraphs: 2 + pick(4),
    mayConflict: pick(4) === 3,
    objects: [],
    interfaces: [],
    unions: [],
  };
  for (let at = 0; at < 1 + pick(3); at += 1) addValueType(draft, `V${at}`);
  for (let at = 0; at < 2 + pick(3); at += 1) addEntity(draft, `E${at}`);
  if (pick(2) === 1) addEntityInterface(draft);
  if (pick(5) > 1) addInterface(draft);
  if (pick(5) > 1) addUnion(draft);
  if (pick(4) === 3) addSplitValueType(draft);
  for (const object of draft.objects.filter(({ kind }) => kind === "entity")) addEntityFields(draft, object);
  addInterfaceObjectFields(draft);
  if (pick(3) === 2) addContext(draft);
  addInputs(draft, options);
  addRoots(draft);
  return toModel(draft);
}

/** Shared by all who have it; without fields that could not stand everywhere. */
function addValueType(draft: Draft, name: string): void {
  const { pick } = draft;
  const object = addObject(draft, { name, kind: "value" });
  for (let at = 0; at < 1 + pick(3); at += 1)
    object.fields.push(createField(draft, `v${at}`, pickLeaf(pick), []));
  const others = draft.objects.filter((one) => one.kind === "value" && one !== object);
  const nested = others[pick(others.length * 2)];
  if (nested) object.fields.push(createField(draft, "in", pickWrapped(pick, nested.name), []));
}

function addEntity(draft: Draft, name: string): void {
  const { pick } = draft;
  const entity = addObject(draft, { name, kind: "entity", keys: ["id"] });
  entity.fields.push(createKeyField("id", "ID"));
  if (pick(2) === 1) {
    entity.keys.push("code");
    entity.fields.push(createKeyField("code", pick(2) === 0 ? "Int" : "String"));
  }
  if (pick(3) === 2) {
    const key = addObject(draft, { name: `${name}Ref`, kind: "value" });
    key.fields.push({ ...createKeyField("x", "String") }, createField(draft, "y", "Int", []));
    entity.keys.push("part ref { x }");
    entity.fields.push(createKeyField("part", "Int"), {
      ...createField(draft, "ref", key.name, []),
      type: { name: key.name, nonNull: [true] },
      args: [],
      failing: 0,
    });
  }
  const wanted = 1 + pick(draft.subgraphs);
  for (let at = 0; at < wanted; at += 1) addPresence(draft, entity, pick(draft.subgraphs));
}

function addPresence(draft: Draft, entity: DraftObject, subgraph: number): void {
  if (isPresent(entity, subgraph)) return;
  const { pick } = draft;
  const keys = entity.keys.map((_key, at) => at).filter((at) => (at === 0 ? pick(5) > 0 : pick(2) === 1));
  const declared = keys.length > 0 ? keys : [pick(entity.keys.length)];
  entity.presences.push({ subgraph, keys: declared, isResolvable: true });
  for (const key of declared)
    for (const name of keyFieldNames(entity.keys[key] ?? "")) {
      const field = entity.fields.find((one) => one.name === name);
      if (!field) continue;
      field.homes.push(subgraph);
      ensurePresent(draft, field.type.name, subgraph);
    }
}

function keyFieldNames(key: string): string[] {
  return key
    .replace(/\{[^}]*\}/g, "")
    .trim()
    .split(/\s+/);
}

/** At one home it is an interface with a key, elsewhere an interface object. */
function addEntityInterface(draft: Draft): void {
  const { pick } = draft;
  const home = pick(draft.subgraphs);
  const contract = createField(draft, "m", pickLeaf(pick), [home]);
  const names = ["MA", "MB", "MC"].slice(0, 2 + pick(2));
  for (const name of names) {
    const entity = addObject(draft, { name, kind: "entity", keys: ["id"], family: "M" });
    entity.implements.push({ name: "M", subgraphs: [home] });
    entity.presences.push({ subgraph: home, keys: [0], isResolvable: true });
    entity.fields.push({ ...createKeyField("id", "ID"), homes: [home] }, { ...contract });
  }
  const others = Array.from({ length: draft.subgraphs }, (_, at) => at).filter((at) => at !== home);
  draft.interfaces.push({
    name: "M",
    isEntity: true,
    homes: [home],
    objectHomes: others.filter(() => pick(2) === 1),
    fields: [{ ...createKeyField("id", "ID"), homes: [home] }, contract],
  });
  for (const name of names) {
    const entity = draft.objects.find((one) => one.name === name);
    if (entity && pick(2) === 1) ensurePresent(draft, entity.name, pick(draft.subgraphs));
  }
}

function addInterface(draft: Draft): void {
  const { pick } = draft;
  const contract = createField(draft, "n", pickLeaf(pick), []);
  const homes = Array.from({ length: draft.subgraphs }, (_, at) => at).filter(() => pick(2) === 0);
  const candidates = draft.objects.filter(({ name, kind }) => kind !== "root" && !name.endsWith("Ref"));
  const implementers = candidates.filter(() => pick(2) === 0);
  const used = homes.filter((home) =>
    implementers.some((object) => isPresent(object, home) || object.kind === "value"),
  );
  if (used.length === 0) return;
  for (const object of implementers) {
    const own = used.filter(
      (home) => isPresent(object, home) || (pick(2) === 0 && ensurePresent(draft, object.name, home)),
    );
    if (own.length === 0) continue;
    // Not every implementer promises the same: some are never null.
    const isStrict = pick(3) === 2;
    object.implements.push({ name: "N", subgraphs: own });
    object.fields.push({
      ...contract,
      homes: object.kind === "value" ? object.presences.map(({ subgraph }) => subgraph) : own,
      type: isStrict ? { ...contract.type, nonNull: contract.type.nonNull.with(0, true) } : contract.type,
    });
  }
  if (draft.objects.some((object) => object.implements.some(({ name }) => name === "N")))
    draft.interfaces.push({
      name: "N",
      isEntity: false,
      homes: used,
      objectHomes: [],
      fields: [{ ...contract, homes: used }],
    });
}

function addUnion(draft: Draft): void {
  const { pick } = draft;
  const members = draft.objects
    .filter(({ name, kind }) => kind !== "root" && !name.endsWith("Ref") && pick(2) === 0)
    .map(({ name, presences }) => ({
      name,
      subgraphs: presences.map(({ subgraph }) => subgraph).filter(() => pick(4) > 0),
    }))
    .filter(({ subgraphs }) => subgraphs.length > 0);
  if (members.length > 0) draft.unions.push({ name: "U", members });
}

/** A value type of which each subgraph has a part; it stands where all of them are asked about the same entity. */
function addSplitValueType(draft: Draft): void {
  const { pick } = draft;
  const owners = draft.objects.filter(({ kind, presences }) => kind === "entity" && presences.length > 1);
  const owner = owners[pick(owners.length)];
  const [one, other] = owner?.presences.filter(({ isResolvable }) => isResolvable) ?? [];
  if (!owner || !one || !other) return;
  const homes = [one.subgraph, other.subgraph];
  const split = addObject(draft, { name: "Split", kind: "value" });
  for (const subgraph of homes) split.presences.push({ subgraph, keys: [], isResolvable: false });
  split.fields.push(
    createField(draft, "left", pickLeaf(pick), [one.subgraph]),
    createField(draft, "right", pickLeaf(pick), [other.subgraph]),
    createField(draft, "both", pickLeaf(pick), homes),
  );
  owner.fields.push({
    ...createField(draft, "split", "Split", homes),
    type: { name: "Split", nonNull: [false] },
  });
}

function addEntityFields(draft: Draft, entity: DraftObject): void {
  const { pick } = draft;
  const count = 2 + pick(5);
  for (let at = 0; at < count; at += 1) {
    const entered = entity.presences.filter(({ isResolvable }) => isResolvable);
    const { subgraph } = entered[pick(entered.length)] ?? { subgraph: 0 };
    const field = pickField(draft, `${entity.name.toLowerCase()}f${at}`, subgraph);
    if (!field) continue;
    shareField(draft, entity, field);
    entity.fields.push(field);
  }
  if (pick(3) === 2) {
    const homes = [entity.presences[pick(entity.presences.length)]?.subgraph ?? 0];
    entity.fields.push({
      ...createField(draft, "touches", "Int", homes),
      isCount: true,
      failing: 0,
      type: { name: "Int", nonNull: [true] },
    });
  }
}

/** Sometimes others resolve it too, or one of them did before. */
function shareField(draft: Draft, entity: DraftObject, field: DraftField): void {
  const { pick } = draft;
  const others = entity.presences.filter(({ subgraph }) => !field.homes.includes(subgraph));
  const other = others[pick(others.length)]?.subgraph;
  if (other === undefined || !ensurePresent(draft, field.type.name, other)) return;
  const choice = pick(6);
  if (choice === 4) {
    const possible = field.possible?.filter((name) =>
      possibleIn(draft, field.type.name, other).includes(name),
    );
    if (possible?.length === 0) return;
    if (possible) field.possible = possible;
    field.homes.push(other);
  } else if (choice === 5) field.takenFrom = other;
}

function addInterfaceObjectFields(draft: Draft): void {
  const { pick } = draft;
  for (const one of draft.interfaces)
    for (const home of one.objectHomes)
      for (let at = 0; at < 1 + pick(3); at += 1) {
        const field = pickField(draft, `o${home}${at}`, home);
        if (field) one.fields.push(field);
      }
}
