/** One answer out of those of several regions. */
import type { SubgraphAnswer, SubgraphError } from "../engine/engine.ts";

/** Of some entities of a fetch: at which places they stand in the whole. */
export type EntityPart = { readonly at: readonly number[]; readonly answer: SubgraphAnswer };

/** Every entity at its place; null where no part has it. Paths of errors are those of the whole. */
export function mergeEntities(count: number, parts: readonly EntityPart[]): SubgraphAnswer {
  const entities: unknown[] = new Array(count).fill(null);
  const errors: SubgraphError[] = [];
  for (const { at, answer } of parts) {
    const found = answer.data?._entities;
    if (Array.isArray(found) && found.length === at.length)
      for (const [index, place] of at.entries()) entities[place] = found[index];
    else if (!answer.errors)
      errors.push(...atEach(at, { message: "A region answered other entities than it was asked for." }));
    for (const error of answer.errors ?? []) errors.push(...replace(error, at));
  }
  return { data: { _entities: entities }, ...(errors.length > 0 && { errors }) };
}

/** The error at each of these entities. */
export function atEach(at: readonly number[], error: SubgraphError): SubgraphError[] {
  return at.map((place) => ({ ...error, path: ["_entities", place] }));
}

/** One that names no entity is about all of its part. */
function replace(error: SubgraphError, at: readonly number[]): SubgraphError[] {
  const [root, index, ...rest] = error.path ?? [];
  const place = root === "_entities" && typeof index === "number" ? at[index] : undefined;
  return place === undefined ? atEach(at, error) : [{ ...error, path: ["_entities", place, ...rest] }];
}

/**
 * Root fields, each of the first region that has something. Errors about a field are those of the region whose value it has;
 * of a field that nobody has, all.
 */
export function mergeRoots(answers: readonly SubgraphAnswer[]): SubgraphAnswer {
  const data: Record<string, unknown> = {};
  const from = new Map<string, SubgraphAnswer>();
  for (const answer of answers)
    for (const [key, value] of Object.entries(answer.data ?? {})) {
      if ((data[key] ?? null) !== null) continue;
      data[key] = value;
      if (value !== null) from.set(key, answer);
    }
  const errors = answers.flatMap((answer) =>
    (answer.errors ?? []).filter(({ path }) => (from.get(String(path?.[0])) ?? answer) === answer),
  );
  const hasData = answers.some((answer) => answer.data);
  return { data: hasData ? data : null, ...(errors.length > 0 && { errors }) };
}
