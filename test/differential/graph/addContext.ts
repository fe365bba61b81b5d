/** Entities with a field that reads an argument from the entity that they stand in (@context, @fromContext). */
import { addObject, type Draft, type DraftField, type DraftObject, ensurePresent } from "./draft.ts";
import { createField, createKeyField, pickLeaf } from "./pickField.ts";

/** Stands below one or two entities and below itself, nowhere else: composition wants the value on every way to it. */
export const partName = "Part";

/** The subgraph that computes from the value is seldom the one that has it, or the one that leads to the entity. */
export function addContext(draft: Draft): void {
  const { pick } = draft;
  const home = pick(draft.subgraphs);
  const type = pickLeaf(pick);
  const setters = draft.objects
    .filter(({ kind, name, family }) => kind === "entity" && name === family)
    .slice(0, 1 + pick(2))
    .filter(({ name }) => ensurePresent(draft, name, home));
  if (setters.length === 0) return;
  const part = addObject(draft, { name: partName, kind: "entity", keys: ["id"] });
  part.fields.push(createKeyField("id", "ID"));
  enter(draft, part, home);
  for (const setter of setters) {
    setter.fields.push({
      ...createField(draft, "value", { name: type, nonNull: [false] }, [pickHome(draft, setter)]),
      args: [],
    });
    const from = pickHome(draft, setter);
    enter(draft, part, from);
    setter.fields.push(createField(draft, "parts", part.name, [from]));
  }
  const inner = pick(draft.subgraphs);
  enter(draft, part, inner);
  part.fields.push({
    ...createField(draft, "told", "String", [home]),
    reads: { type, from: Object.fromEntries(setters.map(({ name }) => [name, "value"])) },
  });
  if (pick(2) === 1) part.fields.push(createField(draft, "plain", "Int", [home]));
  if (pick(2) === 1) part.fields.push(createField(draft, "part", part.name, [inner]));
}

/** Where it can be entered by its key. */
function enter(draft: Draft, part: DraftObject, subgraph: number): void {
  ensurePresent(draft, part.name, subgraph);
  for (const [at, presence] of part.presences.entries())
    part.presences[at] = { ...presence, isResolvable: true };
}

function pickHome({ pick }: Draft, { presences }: DraftObject): DraftField["homes"][number] {
  const homes = presences.filter(({ isResolvable }) => isResolvable);
  return homes[pick(homes.length)]?.subgraph ?? presences[0]?.subgraph ?? 0;
}
