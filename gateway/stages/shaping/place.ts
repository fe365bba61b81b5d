/** Where in an answer shaping stands: kept as a chain, and written out only for what is reported. */
import type { DenialTree } from "./denialTree.ts";

export type Place = {
  readonly above: Place | undefined;
  readonly key: string | number;
  readonly denials: DenialTree | undefined;
};

export function below(
  above: Place | undefined,
  denials: DenialTree | undefined,
  key: string | number,
): Place {
  return { above, key, denials: denials?.children.get(typeof key === "number" ? "@" : key) };
}

export function toPath(place: Place | undefined): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = place; at; at = at.above) path.push(at.key);
  return path.reverse();
}
