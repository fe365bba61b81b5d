/**
 * What the texts of a plan's answers look like, made once for each plan. The scanner follows a shape through a text and
 * notes positions on the *tape*; printers read values by those positions. Text stands for UTF-8 bytes, one character
 * each, so that a position in the bytes is a position in the string.
 */

/** Kinds are numbers because the scanner switches on them for every value of every answer. */
export const STRING = 0;
export const INT = 1;
export const FLOAT = 2;
export const BOOLEAN = 3;
export const ENUM = 4;
/** A custom scalar: any JSON. */
export const ANY = 5;
/** `__typename` where only one type is possible. */
export const CONSTANT = 6;
export const OBJECT = 7;
export const LIST = 8;
export type ValueKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export type ValueShape = {
  readonly kind: ValueKind;
  /** Where false, a null is left to the general executor, which knows how errors travel. */
  isNullable: boolean;
  readonly names: ReadonlySet<string> | undefined;
  readonly constant: Uint8Array | undefined;
  readonly item: ValueShape | undefined;
  readonly place: Place | undefined;
};

/** One place in the answers where objects stand, of one type or of several. */
export type Place = {
  /** Whose answers have these objects. */
  readonly owner: Family | undefined;
  /** By index, which the tape holds for each object. */
  readonly variants: ObjectShape[];
  /** Where the type decides, `__typename` comes first in the text. */
  readonly isAbstract: boolean;
  /** Objects here are strung together on the tape when a later step asks about them; 0 when none does. */
  chain: number;
};

export type ObjectShape = {
  readonly typeName: string;
  readonly fields: FieldShape[];
  /** What later steps know of these objects. */
  readonly attachments: Attachment[];
  /** Of a record on the tape. */
  size: number;
};

export type FieldShape = {
  /** In the merged data. */
  key: string;
  /** In the text, and its bytes with the comma or brace before it and the colon after it. */
  readonly textKey: string;
  readonly keyBytes: Uint8Array;
  readonly value: ValueShape;
  /** In the record: where the value ends; an object or list has its own record at the next place. */
  readonly offset: number;
};

/** The record of an object holds at `offset` the number of the family's entity that belongs to it, counted from one. */
export type Attachment = {
  readonly family: Family;
  readonly offset: number;
  readonly part: ObjectShape;
  /** Those that attach here. */
  readonly steps: Set<number>;
  /** What its representation was made of; undefined when that is not fields of this object alone. */
  readonly uses: Uses | undefined;
};

/** Steps that ask the same of the same subgraph: an entity that one has asked for is there for all. */
export type Family = {
  readonly index: number;
  /** What an answer has at its top for a type: of the root, or of an entity. */
  readonly partOf: (typeName: string) => ObjectShape;
  readonly steps: Set<number>;
};

export type Uses = { readonly own: ReadonlySet<FieldShape>; readonly attachments: ReadonlySet<Attachment> };

/** The plan, or its document, has something that only the general executor does. */
export class NotCompilable extends Error {}

/** A record starts with these; the fields follow. */
export const START = 0;
export const END = 1;
/** Index of the variant, or one of the two below. */
export const VARIANT = 2;
export const NULL_ITEM = -1;
export const NESTED_LIST = -2;
/** The next item of the same list. */
export const NEXT = 3;
/** The next object of the same place; in the record of a list, its first item. */
export const CHAIN = 4;
export const FIRST = 4;
/** The number of the answer whose text it is. */
export const ANSWER = 5;
export const HEADER = 6;

export function createValueShape(kind: ValueKind, more: Partial<ValueShape> = {}): ValueShape {
  // Every shape has all members in one order, so that the scanner stays monomorphic.
  return {
    kind,
    isNullable: more.isNullable ?? true,
    names: more.names,
    constant: more.constant,
    item: more.item,
    place: more.place,
  };
}

/** One character for each byte of UTF-8. */
export function toByteText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function fromByteText(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
