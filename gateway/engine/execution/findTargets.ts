import type { PathSegment } from "../planning/queryPlan.ts";
import { type DataObject, isObject, readKey } from "./data.ts";
import type { FailedField } from "./failedFields.ts";
import type { TypeConditions } from "./typeConditions.ts";

export type ResponsePath = readonly (string | number)[];

/** An object of the merged data that a fetch reads from and adds to, and where it stands in the response. */
export type Target = {
  readonly object: DataObject;
  readonly path: ResponsePath;
  /** The object whose field it is in; nothing above a root. */
  readonly above?: Ancestor | undefined;
  /** What cannot be computed because an input has failed, whatever the subgraph says of it. */
  readonly failed?: readonly FailedField[];
};

export type Ancestor = { readonly object: unknown; readonly above: Ancestor | undefined };

/** The objects at a plan's path, in response order; nulls and errors on the way have none. */
export function findTargets(
  from: readonly Target[],
  path: readonly PathSegment[],
  types: TypeConditions,
): Target[] {
  let places: Place[] = from.map(({ object, path, above }) => ({ value: object, path, above }));
  path.forEach((segment, at) => {
    places = places.flatMap((place) => step(place, segment, types));
    if (segment.kind === "items" && path[at + 1]?.kind !== "items") places = places.flatMap(unlist);
  });
  return places.flatMap(({ value, path, above }) =>
    isObject(value) ? [{ object: value, path, above }] : [],
  );
}

type Place = {
  readonly value: unknown;
  readonly path: ResponsePath;
  readonly above: Ancestor | undefined;
};

/** Hive's planner writes one step into a list of lists, Apollo's as many as there are. */
function unlist({ value, path, above }: Place): Place[] {
  if (!Array.isArray(value)) return [{ value, path, above }];
  return value.flatMap((item, at) => unlist({ value: item, path: [...path, at], above }));
}

function step({ value, path, above }: Place, segment: PathSegment, types: TypeConditions): Place[] {
  switch (segment.kind) {
    case "field":
      return [
        {
          value: readKey(value, segment.key),
          path: [...path, segment.key],
          above: { object: value, above },
        },
      ];
    case "items":
      return Array.isArray(value)
        ? value.map((item, at) => ({ value: item, path: [...path, at], above }))
        : [];
    case "type":
      return segment.names.some((name) => types.fits(value, name)) ? [{ value, path, above }] : [];
  }
}
