/**
 * What each field of each row is: a function of its place alone, so that every subgraph and the monolith say the same and
 * nothing has to be stored. A row that is not an entity is known by the field that it stands in.
 */
import { hashText } from "../random.ts";
import { type FieldModel, type Model, objectOf, possibleTypes, type TypeRef } from "./model.ts";

export type Row = {
  readonly typeName: string;
  /** `E0:2`, or the place of a value. */
  readonly identity: string;
  /** Of an entity; its keys are made of it. */
  readonly index: number;
  /** In whose field it stands, where the monolith answers. */
  readonly above?: Row;
};

/** What mutations change. */
export type World = { readonly touches: Map<string, number>; ticks: number };

export type Value = null | string | number | boolean | object | Row | readonly Value[] | Error;

/** Of each family. With fewer, entities meet themselves more often in one answer. */
const rowsOfFamily = 5;

/** `inputs` is what the field is computed from, as text. Throws where the field fails. */
export function computeValue(
  model: Model,
  world: World,
  row: Row,
  field: FieldModel,
  args: Readonly<Record<string, unknown>>,
  inputs = "",
): Value {
  if (field.keyPart) return keyValue(row, field.keyPart, field.type.name);
  if (field.isCount)
    return row.typeName === "Mutation" ? ++world.ticks : (world.touches.get(row.identity) ?? 0);
  const given = field.args.length > 0 ? `(${printArguments(field, args)})` : "";
  const place = `${row.identity}.${field.name}${given}${inputs === "" ? "" : `#${hashText(inputs)}`}`;
  if (chance(place, "fails", field.failing)) throw failure(place);
  const index = field.type.name.endsWith("Ref") ? row.index : -1;
  const value = wrap({ model, field, place, index, inputs }, field.type, 0);
  if (row.typeName === "Mutation" && isRow(value))
    world.touches.set(value.identity, (world.touches.get(value.identity) ?? 0) + 1);
  return value;
}

/** As it prints, without the braces of JSON, so that it reads well in a failure. */
function printArguments({ args: declared }: FieldModel, args: Readonly<Record<string, unknown>>): string {
  return declared
    .flatMap(({ name }) => (args[name] === undefined ? [] : [`${name}:${JSON.stringify(args[name])}`]))
    .join();
}

export function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && "identity" in value && "typeName" in value;
}

/** Every row of an entity, or of all that belong to its interface. */
export function rowsOf(model: Model, family: string): Row[] {
  return Array.from({ length: rowsOfFamily }, (_, index) => entityRow(model, family, index));
}

function entityRow(model: Model, family: string, index: number): Row {
  const types = possibleTypes(model, family);
  return { typeName: types[index % types.length] ?? family, identity: `${family}:${index}`, index };
}

export function keyValue(
  { identity, index }: Row,
  part: NonNullable<FieldModel["keyPart"]>,
  type: string,
): string | number {
  switch (part) {
    case "id":
      return identity;
    case "code":
      return type === "Int" ? 100 + index : `code ${index}`;
    case "part":
      return index % 2;
    case "x":
      return `x${index >> 1}`;
  }
}

type Making = {
  readonly model: Model;
  readonly field: FieldModel;
  readonly place: string;
  /** Of the entity that a value is part of the key of. */
  readonly index: number;
  readonly inputs: string;
};

function wrap(making: Making, { name, nonNull }: TypeRef, level: number): Value {
  const { field, place } = making;
  if (nonNull[level] !== true && chance(place, "null", field.nulls)) return null;
  if (level === nonNull.length - 1) return one(making, name);
  return Array.from({ length: hashText(`${place}#`) % 4 }, (_, at) => {
    const inside = { ...making, place: `${place}/${at}` };
    return chance(inside.place, "item", field.failing / 4)
      ? failure(inside.place)
      : wrap(inside, { name, nonNull }, level + 1);
  });
}

function one({ model, field, place, index, inputs }: Making, name: string): Value {
  const hash = hashText(place);
  switch (name) {
    case "Int":
      return [hash % 1_000, 0, -(hash % 50), 2_147_483_647][hash % 7] ?? hash % 10_000;
    case "Float":
      return [hash % 100, (hash % 1_000) / 8, -0.5, 1e-7, 12345678901][hash % 6] ?? 0.1;
    case "Boolean":
      return hash % 2 === 0;
    case "Kind":
      return ["LOW", "MIDDLE", "HIGH"][hash % 3] ?? "LOW";
    case "Blob":
      return blobs[hash % blobs.length] ?? "blob";
    case "ID":
      return `id ${hash % 1_000}`;
    case "String":
      // With what it was computed from, where a wrong input would be wrong here.
      return `${place}${inputs === "" ? "" : ` of ${inputs}`}${hash % 5 === 0 ? ' "quoted"\\\n\té€😀' : ""}`;
    default:
      return object(model, field, place, name, hash, index);
  }
}

const blobs: readonly Value[] = [
  { __proto__: null, a: [1, null, { b: "c" }] },
  [],
  {},
  "blob",
  7,
  false,
  [[1], [2.5]],
  { id: "no id", __typename: "E0" },
];

function object(
  model: Model,
  field: FieldModel,
  place: string,
  name: string,
  hash: number,
  index: number,
): Row {
  const types = field.possible ?? possibleTypes(model, name);
  const typeName = types[hash % types.length] ?? name;
  const type = objectOf(model, typeName);
  if (type?.kind !== "entity") return { typeName, identity: place, index };
  const rows = rowsOf(model, type.family).filter((row) => row.typeName === typeName);
  const row = rows[(hash >>> 8) % rows.length];
  if (!row) throw new Error(`no row of ${typeName}`);
  return row;
}

function failure(place: string): Error {
  return new Error(`${place} fails`);
}

function chance(place: string, what: string, percent: number): boolean {
  return hashText(`${place} ${what}`) % 100 < percent;
}
