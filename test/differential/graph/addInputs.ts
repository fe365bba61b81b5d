/** What subgraphs compute from fields of others (@requires), and what they answer in their place (@provides). */

import { partName } from "./addContext.ts";
import {
  type Draft,
  type DraftField,
  type DraftObject,
  ensurePresent,
  isPresent,
  objectIn,
} from "./draft.ts";
import { type ArgumentModel, isLeaf } from "./model.ts";

export type ModelOptions = {
  /** Whether what others compute from may fail: gateways differ in what they make of that. */
  readonly hasFailingInputs: boolean;
};

export function addInputs(draft: Draft, { hasFailingInputs }: ModelOptions): void {
  const named = new Map<DraftField, string>();
  for (const entity of draft.objects.filter(({ kind }) => kind === "entity")) {
    for (const field of entity.fields) if (draft.pick(2) === 1) addRequires(draft, entity, field, named);
    for (const field of entity.fields) addProvides(draft, field);
  }
  for (const field of named.keys())
    if (!hasFailingInputs || field.type.nonNull.includes(true)) field.failing = 0;
}

function addRequires(
  draft: Draft,
  entity: DraftObject,
  field: DraftField,
  named: Map<DraftField, string>,
): void {
  const [home, another] = field.homes;
  if (
    home === undefined ||
    another !== undefined ||
    field.keyPart ||
    field.isCount ||
    field.reads !== undefined ||
    // Neither the way to a field that reads from above nor what it reads has a @requires: mostly refused (`orderContexts`).
    field.type.name === partName ||
    field.name === "value" ||
    field.takenFrom !== undefined
  )
    return;
  // What is lent is answered without inputs.
  if (field.isLent) return;
  // It is asked for with a key of its home.
  if (!entity.presences.some(({ subgraph, isResolvable }) => subgraph === home && isResolvable)) return;
  if (entity.implements.some(({ subgraphs }) => field.name === "n" && subgraphs.includes(home))) return;
  const set = pickInputs(draft, entity, home, { named, depth: 0, before: field });
  if (set !== undefined) field.requires = set;
}

type Choosing = {
  /** With the arguments that it was named with. */
  readonly named: Map<DraftField, string>;
  readonly depth: number;
  /** Only fields before this one, so that no two need each other. */
  readonly before: DraftField | undefined;
};

/** A field set over fields that the subgraph does not have itself; undefined when there is none. */
function pickInputs(draft: Draft, object: DraftObject, home: number, choosing: Choosing): string | undefined {
  const { pick } = draft;
  const { named, depth, before } = choosing;
  const end = before ? object.fields.indexOf(before) : object.fields.length;
  const candidates = object.fields.slice(0, end).filter((field) => mayBeInput(field, home, depth));
  const chosen = candidates.filter(() => pick(2) === 0).slice(0, 3);
  const inputs = chosen.flatMap((field) => {
    const nested = pickNested(draft, field, home, choosing);
    if (nested === undefined) return [];
    // With other arguments each time, a mutation would have to run twice.
    const known = draft.mayConflict ? undefined : named.get(field);
    const args = known ?? pickInputArguments(draft, field.args);
    named.set(field, args);
    return [`${field.name}${args}${nested}`];
  });
  return inputs.length > 0 ? inputs.join(" ") : undefined;
}

function mayBeInput(field: DraftField, home: number, depth: number): boolean {
  if (field.keyPart || field.isCount || field.takenFrom !== undefined || field.possible) return false;
  // Its value is read where a client asks for it, not where another subgraph needs it.
  if (field.reads !== undefined || field.type.name === partName) return false;
  if (field.homes.length === 0) return false;
  return depth > 0 || !field.homes.includes(home);
}

function pickNested(draft: Draft, field: DraftField, home: number, choosing: Choosing): string | undefined {
  const { name } = field.type;
  if (isLeaf(name)) return "";
  const object = draft.objects.find((one) => one.name === name);
  if (!object || choosing.depth > 1 || object.name === "Split" || !ensurePresent(draft, name, home))
    return undefined;
  const isEntity = object.kind === "entity";
  const set = pickInputs(draft, object, home, {
    named: choosing.named,
    depth: choosing.depth + 1,
    // Of an entity, fields that need nothing themselves: two could need each other.
    before: isEntity
      ? object.fields.find(({ requires, type }) => requires !== undefined || !isLeaf(type.name))
      : undefined,
  });
  return set === undefined ? undefined : ` { ${set} }`;
}

function pickInputArguments({ pick }: Draft, args: readonly ArgumentModel[]): string {
  const given = args.flatMap(({ name, type, fallback }) =>
    fallback === undefined && type.endsWith("!")
      ? [`${name}: ${literals[type] ?? "1"}`]
      : pick(2) === 1
        ? [`${name}: ${literals[type] ?? "null"}`]
        : [],
  );
  return given.length > 0 ? `(${given.join(", ")})` : "";
}

const literals: Readonly<Record<string, string>> = {
  Int: "5",
  String: '"s"',
  "Kind!": "HIGH",
  "[Kind!]": "[LOW, HIGH]",
  Filter: "{ max: 2, label: null }",
  "Float!": "1.5",
  Boolean: "false",
};

/** Leaves of an entity that another subgraph owns, answered where this field leads to it. */
function addProvides(draft: Draft, field: DraftField): void {
  const { pick } = draft;
  const [home, another] = field.homes;
  if (home === undefined || another !== undefined || pick(3) < 2 || isLeaf(field.type.name)) return;
  const object = draft.objects.find(({ name }) => name === field.type.name);
  if (object?.kind !== "entity" || !isPresent(object, home)) return;
  const lent = objectIn(draft, object.name).fields.filter(
    ({ homes, keyPart, takenFrom, requires, reads, isCount, type, name, args }) =>
      args.length === 0 &&
      reads === undefined &&
      !homes.includes(home) &&
      !keyPart &&
      !requires &&
      !isCount &&
      takenFrom === undefined &&
      isLeaf(type.name) &&
      name !== "n",
  );
  const one = lent[pick(lent.length)];
  if (!one) return;
  one.isLent = true;
  field.provides = one.name;
}
