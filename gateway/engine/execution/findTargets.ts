import type { PathSegment } from "../planning/queryPlan.ts";
import { type DataObject, isObject, readKey } from "./data.ts";
import type { TypeConditions } from "./typeConditions.ts";

export type ResponsePath = readonly (string | number)[];

/** An object of the merged data that a fetch reads from and adds to, and where it stands in the response. */
export type Target = {
  readonly object: DataObject;
  readonly path: ResponsePath;
  /** An input of this fetch's computed fields has failed: they have failed too, whatever the subgraph says of them. */
  readonly lacksInputs?: true;
};

/** The objects at a plan's path, in response order; nulls and errors on the way have none. */
export function findTargets(
  from: readonly Target[],
  path: readonly PathSegment[],
  types: TypeConditions,
): Target[] {
  let places: Place[] = [...from.map(({ object, path }) => ({ value: object, path }))];
  for (const segment of path) places = places.flatMap((place) => step(place, segment, types));
  return places.flatMap(({ value, path }) => (isObject(value) ? [{ object: value, path }] : []));
}

type Place = { readonly value: unknown; readonly path: ResponsePath };

function step({ value, path }: Place, segment: PathSegment, types: TypeConditions): Place[] {
  switch (segment.kind) {
    case "field":
      return [{ value: readKey(value, segment.key), path: [...path, segment.key] }];
    case "items":
      return Array.isArray(value) ? value.map((item, at) => ({ value: item, path: [...path, at] })) : [];
    case "type":
      return segment.names.some((name) => types.fits(value, name)) ? [{ value, path }] : [];
  }
}
