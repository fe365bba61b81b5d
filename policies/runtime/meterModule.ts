/**
 * Gives a WebAssembly module a fuel gauge: every turn of a loop and every call that may recur takes one unit, and at
 * zero the module traps. Between two of those only a bounded run of instructions lies, so no evaluation is endless,
 * though it runs on the thread that serves (docs/decisions/0014).
 * Binary format: https://webassembly.github.io/spec/core/binary/index.html
 */
import { PolicyError } from "./policyError.ts";

/** Name of the exported mutable i32 with what is left; whoever calls the module fills it before. */
export const fuelExport = "atlas_fuel";

const section = { import: 2, global: 6, export: 7, code: 10 } as const;
const globalKind = 3;

/** Throws BUNDLE_INVALID for what is no module, or has instructions that no policy of OPA's compiler has. */
export function meterModule(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  if (!magic.every((byte, at) => wasm[at] === byte)) throw invalid("no module of version 1");
  const sections = readSections(wasm);
  const gauge = countImportedGlobals(sections) + countEntries(sections, section.global);
  const parts = [...sections].map(({ id, content }) => {
    if (id === section.global) return toSection(id, appendEntry(content, gaugeDefinition));
    if (id === section.export) return toSection(id, appendEntry(content, gaugeExport(gauge)));
    return toSection(id, id === section.code ? meterCode(content, gauge) : content);
  });
  if (!sections.some(({ id }) => id === section.global)) throw invalid("no globals");
  return Uint8Array.from(Buffer.concat([Uint8Array.from(magic), ...parts]));
}

type Section = { readonly id: number; readonly content: Uint8Array };

function readSections(wasm: Uint8Array): readonly Section[] {
  const reader = createReader(wasm, 8);
  const sections: Section[] = [];
  while (!reader.isAtEnd()) {
    const id = reader.byte();
    sections.push({ id, content: reader.take(reader.u32()) });
  }
  return sections;
}

function countEntries(sections: readonly Section[], wanted: number): number {
  const found = sections.find(({ id }) => id === wanted);
  return found ? createReader(found.content).u32() : 0;
}

function countImportedGlobals(sections: readonly Section[]): number {
  const found = sections.find(({ id }) => id === section.import);
  if (!found) return 0;
  const reader = createReader(found.content);
  let globals = 0;
  for (let left = reader.u32(); left > 0; left -= 1) {
    reader.take(reader.u32());
    reader.take(reader.u32());
    const kind = reader.byte();
    if (kind === globalKind) globals += 1;
    if (kind === 0) reader.u32();
    else if (kind === globalKind) reader.take(2);
    else {
      if (kind === 1) reader.byte();
      const hasMaximum = (reader.byte() & 1) === 1;
      reader.u32();
      if (hasMaximum) reader.u32();
    }
  }
  return globals;
}

/** A mutable i32 that begins full, so that what runs when the module starts is not stopped. */
const gaugeDefinition = [0x7f, 0x01, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x0b];

function gaugeExport(gauge: number): number[] {
  const name = [...Buffer.from(fuelExport)];
  return [...toLeb(name.length), ...name, globalKind, ...toLeb(gauge)];
}

function appendEntry(content: Uint8Array, entry: readonly number[]): Uint8Array {
  const reader = createReader(content);
  const count = reader.u32();
  return Buffer.concat([
    Uint8Array.from(toLeb(count + 1)),
    content.subarray(reader.at()),
    Uint8Array.from(entry),
  ]);
}

function toSection(id: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([id, ...toLeb(content.byteLength)]), content]);
}

function meterCode(content: Uint8Array, gauge: number): Uint8Array {
  const toll = Uint8Array.from([
    // gauge -= 1
    ...[0x23, ...toLeb(gauge), 0x41, 0x01, 0x6b, 0x24, ...toLeb(gauge)],
    // if gauge < 0 then trap
    ...[0x23, ...toLeb(gauge), 0x41, 0x00, 0x48, 0x04, 0x40, 0x00, 0x0b],
  ]);
  const reader = createReader(content);
  const count = reader.u32();
  const parts: Uint8Array[] = [Uint8Array.from(toLeb(count))];
  for (let left = count; left > 0; left -= 1) {
    const body = meterBody(reader.take(reader.u32()), toll);
    parts.push(Uint8Array.from(toLeb(body.byteLength)), body);
  }
  return Buffer.concat(parts);
}

const [loop, call, callIndirect] = [0x03, 0x10, 0x11];

/** The toll stands at the beginning of each loop, and of each function that calls others and so may call itself. */
function meterBody(body: Uint8Array, toll: Uint8Array): Uint8Array {
  const reader = createReader(body);
  for (let groups = reader.u32(); groups > 0; groups -= 1) {
    reader.u32();
    reader.byte();
  }
  const start = reader.at();
  const tolls: number[] = [];
  let calls = false;
  while (!reader.isAtEnd()) {
    const opcode = reader.byte();
    skipImmediates(reader, opcode);
    if (opcode === loop) tolls.push(reader.at());
    calls ||= opcode === call || opcode === callIndirect;
  }
  if (calls) tolls.unshift(start);
  const cuts = [0, ...tolls, body.byteLength];
  return Buffer.concat(
    cuts.slice(1).flatMap((cut, at) => [...(at > 0 ? [toll] : []), body.subarray(cuts[at], cut)]),
  );
}

/** What follows each opcode (spec, "Instructions"). Vectors, threads and exceptions are no part of a policy. */
function skipImmediates(reader: Reader, opcode: number): void {
  if (opcode === 0x0e) skipLebs(reader, reader.u32() + 1);
  else if (opcode === 0x43) reader.take(4);
  else if (opcode === 0x44) reader.take(8);
  else if (opcode === 0xfc) skipExtended(reader, reader.u32());
  else skipLebs(reader, countLebs(opcode));
}

function countLebs(opcode: number): 0 | 1 | 2 {
  const isWithin = (from: number, to: number) => opcode >= from && opcode <= to;
  // Calls through a table, loads and stores.
  if (opcode === 0x11 || isWithin(0x28, 0x3e)) return 2;
  // Blocks, branches, calls; variables; the size of memory and whole constants.
  if (isWithin(0x02, 0x04) || isWithin(0x0c, 0x0d) || opcode === 0x10) return 1;
  if (isWithin(0x20, 0x24) || isWithin(0x3f, 0x42)) return 1;
  // Ends, returns, drops, selects; arithmetic.
  if (isWithin(0x00, 0x01) || opcode === 0x05 || opcode === 0x0b || opcode === 0x0f) return 0;
  if (isWithin(0x1a, 0x1b) || isWithin(0x45, 0xc4)) return 0;
  throw invalid(`the instruction 0x${opcode.toString(16)}`);
}

/** Of these, saturating conversions have no immediates; OPA's runtime library copies and fills memory. */
function skipExtended(reader: Reader, opcode: number): void {
  if (opcode === 10) reader.take(2);
  else if (opcode === 11) reader.take(1);
  else if (opcode > 7) throw invalid(`the instruction 0xfc ${opcode}`);
}

function skipLebs(reader: Reader, count: number): void {
  for (let left = count; left > 0; left -= 1) reader.leb();
}

type Reader = ReturnType<typeof createReader>;

function createReader(bytes: Uint8Array, start = 0) {
  let at = start;
  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined) throw invalid("an end in the middle");
    at += 1;
    return value;
  };
  return {
    at: () => at,
    isAtEnd: () => at >= bytes.byteLength,
    byte,
    /** Skips a number of any width. */
    leb: (): void => {
      while ((byte() & 0x80) !== 0);
    },
    u32: (): number => {
      let value = 0;
      for (let shift = 0; shift < 35; shift += 7) {
        const part = byte();
        value += (part & 0x7f) * 2 ** shift;
        if ((part & 0x80) === 0) return value;
      }
      throw invalid("a number longer than 32 bits");
    },
    take: (length: number): Uint8Array => {
      if (at + length > bytes.byteLength) throw invalid("an end in the middle");
      at += length;
      return bytes.subarray(at - length, at);
    },
  };
}

function toLeb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...toLeb(Math.floor(value / 0x80))];
}

function invalid(came: string): PolicyError {
  return new PolicyError("BUNDLE_INVALID", `expected a WebAssembly module that OPA compiled, got ${came}`);
}
