/**
 * Progressive overrides (`@override(from:, label:)`): whether an operation takes a field from the subgraph that is to have it
 * or from the one that had it. A label `percent(25)` moves a quarter of all operations, told by the hash of their normalised
 * text: the same operation always goes the same way, for every caller and on every gateway, its plan can be shared, and one
 * that has moved stays moved when the share grows. Any other label holds where the document says so (`overrideDirective.ts`).
 */
import { createHash } from "node:crypto";
import { type DocumentNode, print } from "graphql";
import { readOverrides } from "./overrideDirective.ts";

/** Which labels hold for an operation; one that is not there does not. */
export type DecideOverrides = (document: DocumentNode) => ReadonlyMap<string, boolean>;

export function createDecideOverrides(labels: readonly string[]): DecideOverrides {
  return (written) => {
    if (labels.length === 0) return new Map();
    const { document, labels: active } = readOverrides(written);
    const place = placeOf(print(document));
    return new Map(labels.map((label) => [label, isOver(label, place) ?? active.has(label)]));
  };
}

/** From 0 up to, not including, 100. */
function placeOf(text: string): number {
  return (createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32) * 100;
}

/** Undefined for a label that is no share. */
function isOver(label: string, place: number): boolean | undefined {
  const share = /^percent\((\d+(?:\.\d+)?)\)$/.exec(label)?.[1];
  return share === undefined ? undefined : place < Number(share);
}
