/** The model as SDL: of each subgraph, and of one server that knows all of it. */
import { type FieldNode, Kind, type SelectionSetNode } from "graphql";
import { readFieldSet } from "../../../gateway/supergraph/readFieldSet.ts";
import {
  entityInterfaceOf,
  type FieldModel,
  fieldsOf,
  getField,
  type InterfaceModel,
  type Model,
  printTypeRef,
} from "./model.ts";

const COMMON = `
scalar Blob
enum Kind { LOW MIDDLE HIGH }
input Filter { max: Int = 7 label: String kinds: [Kind!] = [LOW] inner: Inner }
input Inner { exact: Float! = 0.5 on: Boolean }
`;

export function nameOfSubgraph(subgraph: number): string {
  return `s${subgraph}`;
}

/** With inaccessible fields: they are computed from, too. */
export function printMonolith(model: Model): string {
  const objects = model.objects.map((object) => {
    const fields = fieldsOf(model, object.name).map((field) => `  ${printHead(field)}`);
    return `type ${object.name}${printImplements(object.implements)} {\n${fields.join("\n")}\n}`;
  });
  const interfaces = model.interfaces.map(
    ({ name, fields }) =>
      `interface ${name} {\n${fields.map((field) => `  ${printHead(field)}`).join("\n")}\n}`,
  );
  const unions = model.unions.map(
    ({ name, members }) => `union ${name} = ${members.map((one) => one.name).join(" | ")}`,
  );
  return [COMMON, ...objects, ...interfaces, ...unions].join("\n");
}

export function printSubgraph(model: Model, subgraph: number): string {
  const externals = findExternals(model, subgraph);
  const print = (typeName: string, fields: readonly FieldModel[], isShared: (field: FieldModel) => boolean) =>
    fields.flatMap((field) => {
      const isExternal = externals.has(`${typeName}.${field.name}`);
      if (!isExternal && !isKnown(field, subgraph)) return [];
      const head = printHead(field, field.homes.includes(subgraph) ? printRead(field) : []);
      return [`  ${head}${printDirectives(field, subgraph, isExternal, isShared(field))}`];
    });
  const objects = model.objects.flatMap((object) => {
    const presence = object.presences.find((one) => one.subgraph === subgraph);
    if (!presence && object.kind !== "root") return [];
    const isShared = (field: FieldModel) =>
      object.kind === "value" || field.homes.length > 1 || field.isLent === true;
    const fields = print(object.name, object.fields, isShared);
    if (fields.length === 0) return [];
    const keys = presence?.keys.map((key) => printKey(object.keys[key] ?? "", presence.isResolvable)) ?? [];
    const own = object.implements.filter(({ subgraphs }) => subgraphs.includes(subgraph));
    const context = findReaders(model, subgraph).some(({ from }) => object.name in from)
      ? ` @context(name: "${contextName}")`
      : "";
    const head = `type ${object.name}${printImplements(own)}${keys.join("")}${context}`;
    return [`${head} {\n${fields.join("\n")}\n}`];
  });
  const interfaces = model.interfaces.flatMap((one) => printInterface(one, subgraph, print));
  const unions = model.unions.flatMap(({ name, members }) => {
    const own = members.filter(({ subgraphs }) => subgraphs.includes(subgraph)).map((member) => member.name);
    return own.length > 0 ? [`union ${name} = ${own.join(" | ")}`] : [];
  });
  return [COMMON, ...objects, ...interfaces, ...unions].join("\n");
}

function printInterface(
  { name, isEntity, homes, objectHomes, fields }: InterfaceModel,
  subgraph: number,
  print: (
    typeName: string,
    fields: readonly FieldModel[],
    isShared: (field: FieldModel) => boolean,
  ) => string[],
): string[] {
  const key = isEntity ? ` @key(fields: "id")` : "";
  if (homes.includes(subgraph)) {
    const heads = fields
      .filter((field) => field.homes.includes(subgraph))
      .map((field) => `  ${printHead(field)}`);
    return [`interface ${name}${key} {\n${heads.join("\n")}\n}`];
  }
  if (!objectHomes.includes(subgraph)) return [];
  const known = fields.map((field) => (field.keyPart === "id" ? { ...field, homes: [subgraph] } : field));
  return [`type ${name}${key} @interfaceObject {\n${print(name, known, () => false).join("\n")}\n}`];
}

const contextName = "above";

/** The argument that clients do not see. */
function printRead({ reads }: FieldModel): string[] {
  if (!reads) return [];
  const [field] = Object.values(reads.from);
  return [`${readArgument}: ${reads.type} @fromContext(field: "$${contextName} { ${field} }")`];
}

export const readArgument = "from";

function findReaders({ objects }: Model, subgraph: number): NonNullable<FieldModel["reads"]>[] {
  return objects.flatMap(({ fields }) =>
    fields.flatMap(({ reads, homes }) => (reads && homes[0] === subgraph ? [reads] : [])),
  );
}

/** Whether a subgraph says that it resolves the field, rightly or because it did once. */
function isKnown({ homes, takenFrom }: FieldModel, subgraph: number): boolean {
  return homes.includes(subgraph) || takenFrom === subgraph;
}

function printHead({ name, args, type }: FieldModel, more: readonly string[] = []): string {
  const printed = [
    ...args.map((one) => `${one.name}: ${one.type}${one.fallback === undefined ? "" : ` = ${one.fallback}`}`),
    ...more,
  ];
  return `${name}${printed.length > 0 ? `(${printed.join(", ")})` : ""}: ${printTypeRef(type)}`;
}

function printDirectives(
  field: FieldModel,
  subgraph: number,
  isExternal: boolean,
  isShared: boolean,
): string {
  const isHome = field.homes.includes(subgraph);
  const all = [
    isExternal && "@external",
    !isExternal && isShared && "@shareable",
    isHome && field.requires !== undefined && `@requires(fields: ${JSON.stringify(field.requires)})`,
    isHome && field.provides !== undefined && `@provides(fields: ${JSON.stringify(field.provides)})`,
    isHome && field.takenFrom !== undefined && `@override(from: "${nameOfSubgraph(field.takenFrom)}")`,
    // Neither is allowed on an external field.
    !isExternal && field.isInaccessible && "@inaccessible",
    !isExternal && field.isTagged && `@tag(name: "tagged")`,
  ];
  return all
    .filter((one) => typeof one === "string")
    .map((one) => ` ${one}`)
    .join("");
}

function printKey(fields: string, isResolvable: boolean): string {
  return ` @key(fields: "${fields}"${isResolvable ? "" : ", resolvable: false"})`;
}

function printImplements(all: readonly { readonly name: string }[]): string {
  return all.length > 0 ? ` implements ${all.map(({ name }) => name).join(" & ")}` : "";
}

/** `Type.field` for all that a subgraph names in field sets and does not resolve. */
export function findExternals(model: Model, subgraph: number): ReadonlySet<string> {
  const externals = new Set<string>();
  const visit = (typeName: string, set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FIELD) continue;
      const field = getField(model, typeName, selection.name.value);
      const isObject = entityOwner(model, typeName)?.objectHomes.includes(subgraph) === true;
      if (!isKnown(field, subgraph) && !(isObject && field.keyPart))
        externals.add(`${typeName}.${field.name}`);
      if (selection.selectionSet) visit(field.type.name, selection.selectionSet);
    }
  };
  for (const { name, fields } of [...model.objects, ...model.interfaces])
    for (const field of fields) {
      if (field.homes[0] !== subgraph) continue;
      if (field.requires !== undefined) visit(name, readFieldSet(field.requires));
      if (field.provides !== undefined) visit(field.type.name, readFieldSet(field.provides));
      for (const [setter, read] of Object.entries(field.reads?.from ?? {})) visit(setter, readFieldSet(read));
    }
  return externals;
}

function entityOwner(model: Model, typeName: string): InterfaceModel | undefined {
  return model.interfaces.find(({ name }) => name === typeName) ?? entityInterfaceOf(model, typeName);
}

export function fieldsIn({ selections }: SelectionSetNode): FieldNode[] {
  return selections.filter((selection) => selection.kind === Kind.FIELD);
}
