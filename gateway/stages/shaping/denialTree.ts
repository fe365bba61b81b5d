/** The denied places of an operation as a tree, so that shaping meets each where it stands. */
import type { Denial } from "../authorization/listDenials.ts";

export type DenialTree = {
  readonly denial: Denial | undefined;
  readonly children: ReadonlyMap<string, DenialTree>;
};

/** Undefined when nothing is denied. Elements of lists are under `@`. */
export function toDenialTree(denials: readonly Denial[]): DenialTree | undefined {
  if (denials.length === 0) return undefined;
  type Growing = { denial: Denial | undefined; readonly children: Map<string, Growing> };
  const root: Growing = { denial: undefined, children: new Map() };
  for (const denial of denials) {
    let node = root;
    for (const key of denial.path) {
      const child = node.children.get(key) ?? { denial: undefined, children: new Map() };
      node.children.set(key, child);
      node = child;
    }
    node.denial = denial;
  }
  return root;
}
