/**
 * Prints objects of the answers as JSON: for the client, and as representations. A printer is a list of pieces for each
 * type; neighbours in a subgraph's text that are neighbours in the result too are one piece, copied as they are.
 */
import { ANSWER, FIRST, NESTED_LIST, NEXT, NULL_ITEM, OBJECT, VARIANT, type ValueShape } from "./shape.ts";
import { intAt, type Tape } from "./tape.ts";

export type Printer = {
  /** By index of the place's variants; undefined where nothing of that type can be printed. */
  readonly variants: readonly (VariantPrinter | undefined)[];
};

export type VariantPrinter = {
  readonly pieces: readonly Piece[];
  /** What is left to close the object with. */
  readonly close: string;
  /** Where the record says which entity decides all that is printed, and the memory for that; −1 where none does. */
  readonly decidedBy: number;
  /** Of that entity. */
  readonly family: number;
  readonly memory: number;
};

export type Piece = {
  /** Printed before it, whatever comes. */
  readonly lead: string;
  /** Copied from the text: from `skip` behind one end to `tail` behind another; nothing where `to` is −1. */
  readonly from: number;
  readonly skip: number;
  readonly to: number;
  readonly tail: number;
  /** Then an object or list, whose reference is here in the record, printed by `child`. */
  readonly refAt: number;
  readonly value: ValueShape | undefined;
  readonly child: Printer | undefined;
  /** Whose record: −1 for the object's own, else where the record says which entity, of which family. */
  readonly attachment: number;
  readonly family: number;
  /** Instead of all this where the entity is not there; undefined where that would be an error. */
  readonly missing: string | undefined;
};

/** What printing needs of a running operation. */
export type Source = {
  readonly tape: Tape;
  /** Of the answers so far, by number. */
  readonly texts: string[];
  /** The record of each entity, by family; 0 where the subgraph has none. */
  readonly entities: number[][];
  /** Printed before, by memory and entity. */
  readonly memories: (string | undefined)[][];
  /** By family: whether an entity was asked for in more than one place, so that remembering is of use. */
  readonly repeats: boolean[];
  fault: Fault;
};

/**
 * "absent": an entity is not there, so that there are nulls for its fields. "unasked": no entity was asked for.
 * "unknown": only the general executor knows what follows.
 */
export type Fault = "none" | "absent" | "unasked" | "unknown";

/** Stands for the record of an entity whose answer has not come. */
export const PENDING = -1;

/** An attachment is the number of an entity and one; 0 where nothing was asked, and this where there was nothing to ask. */
export const ABSENT_ENTITY = -1;

export function printObject(source: Source, printer: Printer, ref: number): string {
  const ints = source.tape.ints;
  const variant = printer.variants[intAt(ints, ref + VARIANT)];
  if (!variant) return fail(source, "unknown");
  return printVariant(source, variant, ref);
}

export function printVariant(source: Source, variant: VariantPrinter, ref: number): string {
  const { decidedBy } = variant;
  if (decidedBy < 0 || !source.repeats[variant.family]) return printPieces(source, variant, ref);
  const entity = intAt(source.tape.ints, ref + decidedBy);
  const memory = source.memories[variant.memory];
  if (entity <= 0 || !memory) return printPieces(source, variant, ref);
  const known = memory[entity];
  if (known !== undefined) return known;
  const printed = printPieces(source, variant, ref);
  memory[entity] = printed;
  return printed;
}

function printPieces(source: Source, { pieces, close }: VariantPrinter, ref: number): string {
  const { texts, entities, tape } = source;
  const ints = tape.ints;
  let out = "";
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index];
    if (!piece) break;
    let record = ref;
    if (piece.attachment >= 0) {
      const entity = intAt(ints, ref + piece.attachment);
      if (entity === 0) return fail(source, "unasked");
      record = entity === ABSENT_ENTITY ? 0 : (entities[piece.family]?.[entity - 1] ?? PENDING);
      if (record === PENDING) return fail(source, "unknown");
      if (record === 0) {
        if (piece.missing === undefined) return fail(source, "unknown");
        if (source.fault === "none") source.fault = "absent";
        out += piece.missing;
        continue;
      }
    }
    if (piece.lead !== "") out += piece.lead;
    if (piece.to >= 0) {
      const text = texts[intAt(ints, record + ANSWER)] ?? "";
      out += text.slice(
        intAt(ints, record + piece.from) + piece.skip,
        intAt(ints, record + piece.to) + piece.tail,
      );
    }
    const { child, value } = piece;
    if (child && value) {
      const inner = intAt(ints, record + piece.refAt);
      out +=
        inner === 0
          ? "null"
          : value.kind === OBJECT
            ? printObject(source, child, inner)
            : printList(source, child, inner);
    }
  }
  return close === "" ? out : out + close;
}

function printList(source: Source, item: Printer, list: number): string {
  const ints = source.tape.ints;
  let out = "[";
  for (let ref = intAt(ints, list + FIRST); ref !== 0; ref = intAt(ints, ref + NEXT)) {
    if (out !== "[") out += ",";
    const variant = intAt(ints, ref + VARIANT);
    if (variant >= 0) out += printObject(source, item, ref);
    else if (variant === NULL_ITEM) out += "null";
    else if (variant === NESTED_LIST) out += printList(source, item, ref);
  }
  return `${out}]`;
}

function fail(source: Source, fault: Fault): string {
  source.fault = fault;
  return "";
}
