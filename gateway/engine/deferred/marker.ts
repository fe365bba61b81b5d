/**
 * A marker stands in a document where a deferred fragment stood. It reads `__typename`, so graphql-js answers it exactly
 * where the fragment's fields would have been answered, and is taken out of the answer again.
 */
import { type DirectiveNode, type FieldNode, Kind } from "graphql";

const markers = new WeakSet<FieldNode>();

/** `directives` are what decides beside `@defer`: @skip and @include. */
export function createMarker(key: string, directives: readonly DirectiveNode[]): FieldNode {
  const marker: FieldNode = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: key },
    name: { kind: Kind.NAME, value: "__typename" },
    directives,
  };
  markers.add(marker);
  return marker;
}

export function isMarker(field: FieldNode): boolean {
  return markers.has(field);
}
