import { partName } from "./addContext.ts";
import { addObject, type Draft, type DraftField, type DraftObject, isPresent } from "./draft.ts";
import { pickField } from "./pickField.ts";

/** Root fields, so that every subgraph can be where a request begins, and every entity can be reached. */
export function addRoots(draft: Draft): void {
  const { pick } = draft;
  const query = addObject(draft, { name: "Query", kind: "root" });
  const mutation = addObject(draft, { name: "Mutation", kind: "root" });
  const subscription = addObject(draft, { name: "Subscription", kind: "root" });
  for (const entity of draft.objects.filter(mayBeRoot)) {
    const homes = entity.presences.filter(() => pick(2) === 0);
    const chosen = homes.length > 0 ? homes : entity.presences.slice(0, 1);
    for (const { subgraph } of chosen)
      query.fields.push(
        createRoot(`${entity.name.toLowerCase()}s${subgraph}`, entity.name, subgraph, [false, false]),
      );
  }
  for (let subgraph = 0; subgraph < draft.subgraphs; subgraph += 1) {
    for (let at = 0; at < 1 + pick(2); at += 1) {
      const field = pickField(draft, `q${subgraph}${at}`, subgraph);
      if (field) query.fields.push(field);
    }
    const entities = draft.objects.filter((object) => mayBeRoot(object) && isPresent(object, subgraph));
    const touched = entities[pick(entities.length)];
    if (touched && !draft.mayConflict && pick(2) === 0) {
      const type = { name: touched.name, nonNull: [pick(4) === 3] };
      mutation.fields.push({
        ...createRoot(`touch${touched.name}${subgraph}`, touched.name, subgraph, [false]),
        type,
        args: [{ name: "at", type: "Int", fallback: "0" }],
        nulls: 10,
      });
      mutation.fields.push({ ...createRoot(`tick${subgraph}`, "Int", subgraph, [true]), isCount: true });
    }
    const watched = entities[pick(entities.length)];
    if (watched && !draft.mayConflict && pick(3) === 0)
      subscription.fields.push({
        ...createRoot(`changed${watched.name}${subgraph}`, watched.name, subgraph, [false]),
        args: [{ name: "first", type: "Int!", fallback: "2" }],
        nulls: 20,
      });
  }
}

function mayBeRoot({ kind, name }: DraftObject): boolean {
  return kind === "entity" && name !== partName;
}

function createRoot(name: string, type: string, home: number, nonNull: boolean[]): DraftField {
  return { name, type: { name: type, nonNull }, args: [], homes: [home], failing: 0, nulls: 20 };
}
