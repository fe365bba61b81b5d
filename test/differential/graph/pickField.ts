/** Fields of random types and arguments, where they can stand. */
import type { Pick } from "../random.ts";
import { type Draft, type DraftField, ensurePresent, isAbstractIn, possibleIn } from "./draft.ts";
import { leafNames, type TypeRef } from "./model.ts";

/** A field that one subgraph resolves; undefined when its type cannot stand there. */
export function pickField(draft: Draft, name: string, home: number): DraftField | undefined {
  const { pick } = draft;
  const candidates = [
    ...draft.objects.filter(({ kind }) => kind !== "root"),
    ...draft.interfaces,
    ...draft.unions,
  ]
    .map((one) => one.name)
    .filter((type) => type !== "Split" && type !== "Part" && !type.endsWith("Ref"));
  const type = pick(2) === 0 ? pickLeaf(pick) : candidates[pick(candidates.length)];
  if (type === undefined || !ensurePresent(draft, type, home)) return undefined;
  const field = createField(draft, name, pickWrapped(pick, type), [home]);
  if (isAbstractIn(draft, type) && draft.interfaces.find((one) => one.name === type)?.isEntity !== true) {
    field.possible = possibleIn(draft, type, home);
    if (field.possible.length === 0) return undefined;
  }
  if (pick(12) === 11) field.isInaccessible = true;
  if (pick(8) === 7) field.isTagged = true;
  return field;
}

export function createField(
  { pick }: Draft,
  name: string,
  type: string | TypeRef,
  homes: number[],
): DraftField {
  return {
    name,
    type: typeof type === "string" ? pickWrapped(pick, type, 8) : type,
    args: pickArguments(pick),
    homes: [...homes],
    failing: pick(6) === 5 ? 20 : 0,
    nulls: [0, 20, 40][pick(3)] ?? 0,
  };
}

export function createKeyField(name: "id" | "code" | "part" | "x", type: string): DraftField {
  return {
    name,
    type: { name: type, nonNull: [true] },
    args: [],
    homes: [],
    keyPart: name,
    failing: 0,
    nulls: 0,
  };
}

export function pickLeaf(pick: Pick): string {
  return leafNames[pick(leafNames.length)] ?? "Int";
}

/** Of so many, one is a list and another one a list of lists. */
export function pickWrapped(pick: Pick, name: string, outOf = 4): TypeRef {
  const choice = pick(outOf * 2);
  const lists = choice === outOf * 2 - 1 ? 2 : choice >= outOf * 2 - 3 ? 1 : 0;
  return { name, nonNull: Array.from({ length: lists + 1 }, () => pick(4) === 3) };
}

const ARGUMENTS = [
  { name: "size", type: "Int", fallback: "3" },
  { name: "label", type: "String" },
  { name: "kind", type: "Kind!", fallback: "LOW" },
  { name: "kinds", type: "[Kind!]" },
  { name: "filter", type: "Filter" },
  { name: "exact", type: "Float!" },
  { name: "on", type: "Boolean", fallback: "true" },
] as const;

function pickArguments(pick: Pick): DraftField["args"] {
  if (pick(4) < 3) return [];
  const first = pick(ARGUMENTS.length);
  return ARGUMENTS.slice(first, first + 1 + pick(2));
}
