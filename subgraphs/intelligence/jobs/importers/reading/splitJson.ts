/**
 * Cuts a JSON document into its members and the elements of one array, as the bytes arrive. Only cuts: each piece is
 * then parsed by itself, so an element that is no JSON (a bare NaN, say) spoils itself and not the rest of the file,
 * as it would with a streaming parser; and memory holds one piece at a time.
 */
import { ImportError } from "../importError.ts";

export type JsonPiece =
  | { readonly kind: "member"; readonly key: string; readonly text: string }
  | { readonly kind: "element"; readonly index: number; readonly text: string };

/** No source has records of this size; a missing bracket makes a piece of all that follows. */
export const pieceLengthMax = 16 * 1024 * 1024;

/** Members of the document's object, and in place of the member `array` its elements one by one. */
export async function* splitJson(chunks: AsyncIterable<string>, array: string): AsyncGenerator<JsonPiece> {
  const cutter = createCutter(array);
  for await (const chunk of chunks) yield* cutter.cut(chunk);
  cutter.assertComplete();
}

function createCutter(array: string) {
  let depth = 0; // brackets that are open
  let cutDepth = 1; // where pieces end: 1 between members, 2 between elements of the array
  let inString = false;
  let escaped = false;
  let key: string | null = null;
  let piece = ""; // what earlier chunks gave of the present piece
  let index = -1; // of the last element
  let state: "before" | "inside" | "after" = "before";
  let sawArray = false;

  return { cut, assertComplete };

  function* cut(chunk: string): Generator<JsonPiece> {
    let start = 0; // of the present piece, in this chunk
    for (let at = 0; at < chunk.length; at++) {
      const character = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (character === "\\") escaped = true;
        else if (character === '"') inString = false;
        continue;
      }
      if (state === "after" && !isBlank(character)) throw unexpected(character);
      if (state === "inside" && character === '"') {
        inString = true;
      } else if (character === "{" || character === "[") {
        depth++;
        if (state === "before") {
          if (character === "[") throw unexpected("[");
          state = "inside";
          start = at + 1;
        } else if (depth === 2 && character === "[" && key === array) {
          sawArray = true;
          cutDepth = 2;
          start = at + 1;
          piece = "";
        }
      } else if (state !== "inside") {
        if (!isBlank(character)) throw unexpected(character);
      } else if (character === ":" && depth === 1) {
        key = parseKey(piece + chunk.slice(start, at));
        piece = "";
        start = at + 1;
      } else if (character === "," && depth === cutDepth) {
        yield* end(chunk.slice(start, at));
        start = at + 1;
      } else if (character === "}" || character === "]") {
        depth--;
        if (depth >= cutDepth) continue;
        yield* end(chunk.slice(start, at));
        start = at + 1;
        if (cutDepth === 2) cutDepth = 1;
        else state = "after";
        key = null;
      }
    }
    if (state === "inside") piece += chunk.slice(start);
    if (piece.length > pieceLengthMax) {
      throw new ImportError(
        "FILE_BROKEN",
        `expected a record of at most ${pieceLengthMax} characters; it does not end`,
      );
    }
  }

  function* end(rest: string): Generator<JsonPiece> {
    const text = (piece + rest).trim();
    piece = "";
    if (text === "") return;
    if (cutDepth === 2) yield { kind: "element", index: ++index, text };
    else if (key !== null) yield { kind: "member", key, text };
    if (cutDepth === 1) key = null;
  }

  function assertComplete(): void {
    if (state === "before") throw unexpected(undefined);
    if (state === "inside")
      throw new ImportError("FILE_BROKEN", "the JSON document breaks off before its end");
    if (!sawArray)
      throw new ImportError("FILE_FORMAT", `expected a JSON object with an array \`${array}\`; it has none`);
  }

  function unexpected(came: string | undefined): ImportError {
    const where =
      state === "after" ? "nothing after the JSON document" : `a JSON object with an array \`${array}\``;
    return new ImportError(
      "FILE_FORMAT",
      `expected ${where}; got ${came === undefined ? "nothing" : JSON.stringify(came)}`,
    );
  }
}

/** White space, or the byte order mark that some servers put first. */
function isBlank(character: string | undefined): boolean {
  return character !== undefined && /[\s\uFEFF]/.test(character);
}

function parseKey(text: string): string {
  try {
    const key: unknown = JSON.parse(text);
    if (typeof key === "string") return key;
  } catch {
    // Told below.
  }
  throw new ImportError("FILE_BROKEN", `expected the name of a member; got ${text.trim().slice(0, 80)}`);
}
