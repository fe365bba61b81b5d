/** Makes printers: finds for each wanted field whose text has it, and joins what lies together there. */
import { placeIn } from "./compileShapes.ts";
import type { Piece, Printer, VariantPrinter } from "./printer.ts";
import {
  type Attachment,
  type FieldShape,
  NotCompilable,
  type ObjectShape,
  type Place,
  START,
  toByteText,
  type Uses,
} from "./shape.ts";

/** A field of the result. */
export type Wanted = {
  /** In the result. */
  readonly key: string;
  /** In the merged data. */
  readonly sourceKey: string;
  /** Known without looking, as JSON; `__typename` is taken from the text where it is there, to be copied with the rest. */
  readonly constant: string | undefined;
  /** Sent when there is such a field. */
  readonly isOptional: boolean;
  /** Of its objects; undefined for a leaf. */
  readonly select: Select | undefined;
};

/** What is wanted of objects of a type; undefined when they cannot be printed. */
export type Select = (typeName: string) => readonly Wanted[] | undefined;

export type CompiledVariant = VariantPrinter & {
  /** What it is made of; undefined when objects below it count too. */
  readonly uses: Uses | undefined;
  /** The record's text as it is. */
  readonly isVerbatim: boolean;
};

type CompiledPrinter = Printer & { readonly isVerbatim: boolean };

/** What printers of one plan share, or those of one representation. */
export type PrinterState = {
  /** How many there are. */
  memories: number;
  readonly isMemorising: boolean;
  /** What is read on any level. */
  readonly reads: Set<Attachment>;
};

export function compilePrinter(place: Place, select: Select, state: PrinterState): CompiledPrinter {
  const variants = place.variants.map((shape) => {
    const wanted = select(shape.typeName);
    return wanted && compileIfKnown(shape, wanted, state);
  });
  return { variants, isVerbatim: variants.every((variant) => variant?.isVerbatim) };
}

/** Planners leave out what is asked of types that cannot come; if one comes all the same, nothing is printed. */
function compileIfKnown(
  shape: ObjectShape,
  wanted: readonly Wanted[],
  state: PrinterState,
): CompiledVariant | undefined {
  try {
    return compileVariant(shape, wanted, state);
  } catch (error) {
    if (error instanceof NoSource) return undefined;
    throw error;
  }
}

class NoSource extends NotCompilable {}

export function compileVariant(
  shape: ObjectShape,
  wanted: readonly Wanted[],
  state: PrinterState,
): CompiledVariant {
  const writer = createPieceWriter(shape);
  const own = new Set<FieldShape>();
  const attachments = new Set<Attachment>();
  let isShallow = true;
  for (const one of wanted) {
    if (one.constant !== undefined && !isInText(shape, one)) {
      writer.addText(one.key, one.constant);
      continue;
    }
    const [source, ...others] = findSources(shape, one.sourceKey);
    if (!source) {
      if (one.isOptional) continue;
      throw new NoSource(`no answer has ${shape.typeName}.${one.sourceKey}`);
    }
    if (others.length > 0) preferAnyValue(source, others, one.select !== undefined);
    const { field, attachment } = source;
    if (attachment) {
      attachments.add(attachment);
      state.reads.add(attachment);
    } else own.add(field);
    const place = placeIn(field.value);
    if ((place === undefined) !== (one.select === undefined))
      throw new NotCompilable(`an object for a leaf, or a leaf for an object: ${one.sourceKey}`);
    if (!place || !one.select) {
      writer.addCopy(one.key, source);
      continue;
    }
    const child = compilePrinter(place, one.select, state);
    if (child.isVerbatim) writer.addCopy(one.key, source);
    else writer.addChild(one.key, source, child);
    if (!attachment) isShallow = false;
  }
  const { pieces, close, isVerbatim } = writer.end();
  const uses = isShallow ? { own, attachments } : undefined;
  const decider = state.isMemorising && uses && !isVerbatim ? findDecider(shape, uses) : undefined;
  const memory = decider ? state.memories++ : -1;
  const decision = { decidedBy: decider?.offset ?? -1, family: decider?.family.index ?? -1, memory };
  return { pieces, close, uses, isVerbatim, ...decision };
}

export type FieldSource = {
  readonly part: ObjectShape;
  readonly index: number;
  readonly field: FieldShape;
  readonly attachment: Attachment | undefined;
};

/** Where a field of these objects can be read, their own text first. */
export function findSources(shape: ObjectShape, key: string): FieldSource[] {
  const inPart = (part: ObjectShape, attachment: Attachment | undefined): FieldSource[] => {
    const index = part.fields.findIndex((field) => field.key === key);
    const field = part.fields[index];
    return field ? [{ part, index, field, attachment }] : [];
  };
  return [
    ...inPart(shape, undefined),
    ...shape.attachments.flatMap((attachment) => inPart(attachment.part, attachment)),
  ];
}

/** Several subgraphs told the same. A null of one is overruled by the value of another: for the general executor. */
function preferAnyValue(source: FieldSource, others: readonly FieldSource[], isObject: boolean): void {
  if (isObject) throw new NotCompilable(`parts of one object from several answers: ${source.field.key}`);
  for (const { field } of [source, ...others]) field.value.isNullable = false;
}

function isInText({ fields, typeName }: ObjectShape, { sourceKey, constant }: Wanted): boolean {
  return constant === `"${typeName}"` && fields.some(({ key }) => key === sourceKey);
}

/**
 * An entity of the attachments from which all that is used follows: equal representations have equal fields in them, and
 * an equal answer. What an entity was asked for with other fields of this object does not.
 */
export function findDecider({ attachments }: ObjectShape, uses: Uses): Attachment | undefined {
  return attachments.find((decider) => {
    const known = decider.uses;
    if (!known || ![...uses.own].every((field) => known.own.has(field))) return false;
    return [...uses.attachments].every((attachment) => follows(attachment, decider, known));
  });
}

function follows(attachment: Attachment, decider: Attachment, known: Uses): boolean {
  if (attachment === decider) return true;
  const { uses } = attachment;
  return (
    uses !== undefined &&
    [...uses.own].every((field) => known.own.has(field)) &&
    [...uses.attachments].every((other) => follows(other, decider, known))
  );
}

type Draft = { -readonly [Key in keyof Piece]: Piece[Key] };

function createPieceWriter(shape: ObjectShape) {
  const pieces: Draft[] = [];
  let isFirst = true;
  /** The piece that ends with a whole field of a text, and which. */
  let last: { readonly piece: Draft; readonly part: ObjectShape; index: number } | undefined;

  const separator = () => {
    const text = isFirst ? "{" : ",";
    isFirst = false;
    return text;
  };
  const startPiece = (lead: string, source: FieldSource | undefined): Draft => {
    const piece: Draft = {
      lead,
      from: START,
      skip: 0,
      to: -1,
      tail: 0,
      refAt: 0,
      value: undefined,
      child: undefined,
      attachment: source?.attachment?.offset ?? -1,
      family: source?.attachment?.family.index ?? -1,
      missing: undefined,
    };
    pieces.push(piece);
    return piece;
  };
  const endBefore = ({ part, index }: FieldSource) => part.fields[index - 1]?.offset ?? START;
  const continues = (key: string, { part, index, field }: FieldSource) =>
    key === field.textKey && last?.part === part && last.index === index - 1 ? last : undefined;
  const miss = ({ attachment, field }: FieldSource, text: string): string | undefined =>
    attachment && field.value.isNullable ? text : undefined;

  return {
    addText(key: string, value: string) {
      startPiece(`${separator()}${toByteText(JSON.stringify(key))}:${value}`, undefined);
      last = undefined;
    },

    addCopy(key: string, source: FieldSource) {
      const { field, part, index } = source;
      const text = toByteText(JSON.stringify(key));
      const running = continues(key, source);
      const before = separator();
      const missing = miss(source, `${before}${text}:null`);
      if (running) {
        const { piece } = running;
        piece.to = field.offset;
        piece.missing = both(piece.missing, missing);
        running.index = index;
        return;
      }
      const isSame = key === field.textKey;
      const hasSeparator = isSame && before === (index === 0 ? "{" : ",");
      const piece = startPiece(hasSeparator ? "" : isSame ? before : `${before}${text}:`, source);
      piece.from = endBefore(source);
      piece.skip = hasSeparator ? 0 : isSame ? 1 : field.keyBytes.length;
      piece.to = field.offset;
      piece.missing = missing;
      last = isSame ? { piece, part, index } : undefined;
    },

    addChild(key: string, source: FieldSource, child: Printer) {
      const { field } = source;
      const text = toByteText(JSON.stringify(key));
      const running = continues(key, source);
      const before = separator();
      let piece: Draft;
      if (running) {
        piece = running.piece;
        piece.tail = field.keyBytes.length;
        piece.missing = both(piece.missing, miss(source, `${before}${text}:null`));
      } else {
        piece = startPiece(`${before}${text}:`, source);
        piece.missing = miss(source, `${before}${text}:null`);
      }
      piece.refAt = field.offset + 1;
      piece.value = field.value;
      piece.child = child;
      last = undefined;
    },

    end() {
      if (isFirst) return { pieces, close: "{}", isVerbatim: false };
      if (!last || last.index !== last.part.fields.length - 1)
        return { pieces, close: "}", isVerbatim: false };
      const { piece } = last;
      // The brace behind the last field is part of the text.
      piece.tail = 1;
      piece.missing = piece.missing === undefined ? undefined : `${piece.missing}}`;
      const isVerbatim =
        pieces.length === 1 && last.part === shape && piece.from === START && piece.lead === "";
      return { pieces, close: "", isVerbatim };
    },
  };
}

function both(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}
