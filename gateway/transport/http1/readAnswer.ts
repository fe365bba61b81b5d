/**
 * Reads one answer after the other from the bytes of a connection, strictly: whatever is not plainly valid ends it.
 * The bytes are only lent, so what is kept is copied.
 */
import { copyBytes, takeBytes } from "../byteSlab.ts";
import type { ReceivedAnswer } from "../httpClient.ts";
import { type AnswerHead, readHead } from "./readHead.ts";

/** Where the reading of an answer stands. A class, because its connection feeds it piece by piece. */
export class AnswerReader {
  /** The final head, once it is there. */
  head: AnswerHead | undefined;

  private readonly bytesMax: () => number;
  /** What came of a head that is not whole. */
  private started: Buffer | undefined;
  /** For a body of known length. */
  private body: Buffer | undefined;
  private filled = 0;
  /** For others. */
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  private chunks: ChunkState = { kind: "size", text: "" };
  /** Where the answer ended in the bytes given last. */
  private end = 0;

  constructor(bytesMax: () => number) {
    this.bytesMax = bytesMax;
  }

  /** Reads on. After "done" comes `take`; bytes behind the answer are nobody's. */
  read(bytes: Buffer, length: number): ReadState {
    let at = 0;
    while (!this.head) {
      const next = this.readHeadFrom(bytes, at, length);
      if (typeof next === "string") return next;
      at = next;
    }
    const { framing } = this.head;
    switch (framing.kind) {
      case "length":
        return this.readLength(framing.bytes, bytes, at, length);
      case "chunked":
        return this.readChunks(bytes, at, length);
      case "end":
        return this.keepPiece(bytes, at, length) ? "more" : "too-large";
    }
  }

  /** The connection has ended: true when the answer has with it, as it may. */
  endsWithConnection(): boolean {
    return this.head?.framing.kind === "end";
  }

  /** Whether all of the bytes given last belonged to the answer. */
  hasTaken(length: number): boolean {
    return this.end === length;
  }

  /** The answer; from here on the next one is read. */
  take(): ReceivedAnswer & Pick<AnswerHead, "keptSeconds"> {
    const { head } = this;
    if (!head) throw new Error("an answer was taken before its head had come");
    const [first] = this.pieces;
    const { status, contentType, contentEncoding, retryAfter, keptSeconds } = head;
    const bytes =
      this.body ?? (this.pieces.length === 1 && first ? first : Buffer.concat(this.pieces, this.pieceBytes));
    this.head = undefined;
    this.body = undefined;
    this.filled = 0;
    this.pieces = [];
    this.pieceBytes = 0;
    this.chunks = { kind: "size", text: "" };
    return { status, contentType, contentEncoding, retryAfter, keptSeconds, bytes };
  }

  /** Where the body begins. */
  private readHeadFrom(bytes: Buffer, at: number, length: number): number | "more" | "invalid" | "too-large" {
    const known = this.started;
    const all = known ? Buffer.concat([known, bytes.subarray(at, length)]) : bytes;
    const from = known ? 0 : at;
    const until = known ? all.length : length;
    const found = all.indexOf(END_OF_HEAD, from);
    // Behind `length` there may be bytes of other answers.
    const end = found < 0 || found + END_OF_HEAD.length > until ? -1 : found;
    if (end < 0) {
      this.started = known ? all : copyBytes(all, from, until);
      return until - from > HEAD_BYTES_MAX ? "invalid" : "more";
    }
    if (end - from > HEAD_BYTES_MAX) return "invalid";
    this.started = undefined;
    const head = readHead(all.toString("latin1", from, end));
    // 101 would be another protocol.
    if (!head || head.status === 101) return "invalid";
    const bodyAt = (known ? at - known.length : 0) + end + END_OF_HEAD.length;
    // An informational answer is followed by the real one.
    if (head.status < 200) return bodyAt;
    if (head.framing.kind === "length") {
      if (head.framing.bytes > this.bytesMax()) return "too-large";
      this.body = takeBytes(head.framing.bytes);
    }
    this.head = head;
    return bodyAt;
  }

  private readLength(wanted: number, bytes: Buffer, at: number, length: number): ReadState {
    const { body } = this;
    if (!body) return "invalid";
    const count = Math.min(length - at, wanted - this.filled);
    bytes.copy(body, this.filled, at, at + count);
    this.filled += count;
    this.end = at + count;
    return this.filled === wanted ? "done" : "more";
  }

  private keepPiece(bytes: Buffer, from: number, to: number): boolean {
    this.pieceBytes += to - from;
    if (this.pieceBytes > this.bytesMax()) return false;
    if (to > from) this.pieces.push(copyBytes(bytes, from, to));
    return true;
  }

  /** RFC 9112 §7.1. Extensions of chunks and trailers are read over. */
  private readChunks(bytes: Buffer, from: number, length: number): ReadState {
    let at = from;
    while (at < length) {
      const state = this.chunks;
      if (state.kind === "data") {
        const count = Math.min(state.left, length - at);
        if (!this.keepPiece(bytes, at, at + count)) return "too-large";
        at += count;
        this.chunks =
          count === state.left ? { kind: "behind", text: "" } : { kind: "data", left: state.left - count };
        continue;
      }
      const lineEnd = bytes.indexOf(LINE_FEED, at);
      const isWhole = lineEnd >= 0 && lineEnd < length;
      const line = state.text + bytes.toString("latin1", at, isWhole ? lineEnd + 1 : length);
      if (line.length > CHUNK_LINE_MAX) return "invalid";
      if (!isWhole) {
        this.chunks = { kind: state.kind, text: line };
        return "more";
      }
      at = lineEnd + 1;
      if (!line.endsWith("\r\n")) return "invalid";
      const next = readChunkLine(state.kind, line.slice(0, -2));
      if (!next) return "invalid";
      if (next.kind === "done") {
        this.end = at;
        return "done";
      }
      this.chunks = next;
    }
    return "more";
  }
}

export type ReadState = "more" | "done" | "invalid" | "too-large";

type ChunkState =
  | { readonly kind: "data"; readonly left: number }
  /** A line that is not whole yet: the size of a chunk, the empty line behind one, a trailer. */
  | { readonly kind: "size" | "behind" | "trailer"; readonly text: string };

function readChunkLine(
  kind: "size" | "behind" | "trailer",
  line: string,
): ChunkState | { readonly kind: "done" } | undefined {
  switch (kind) {
    case "behind":
      return line === "" ? { kind: "size", text: "" } : undefined;
    case "trailer":
      return line === "" ? { kind: "done" } : { kind: "trailer", text: "" };
    case "size": {
      const size = /^([0-9a-f]{1,8})[ \t]*(?:;[^\r\n\0]*)?$/i.exec(line)?.[1];
      if (size === undefined) return undefined;
      const left = Number.parseInt(size, 16);
      return left === 0 ? { kind: "trailer", text: "" } : { kind: "data", left };
    }
  }
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const LINE_FEED = 0x0a;
/** As Node and undici have it. */
const HEAD_BYTES_MAX = 16_384;
const CHUNK_LINE_MAX = 4_096;
