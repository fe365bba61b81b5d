import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type JsonPiece, splitJson } from "./splitJson.ts";

describe("splitJson", () => {
  test("gives what JSON.parse gives, however the text is cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.jsonValue()),
        fc.constantFrom(undefined, 1, "\t"),
        fc.integer({ min: 1, max: 40 }),
        async (before, records, indent, chunkLength) => {
          const { records: _, ...members } = before;
          const pieces = await cut(JSON.stringify({ ...members, records }, null, indent), chunkLength);
          expect(elementsOf(pieces).map((text) => JSON.parse(text))).toEqual(
            JSON.parse(JSON.stringify(records)),
          );
          expect(membersOf(pieces)).toEqual(JSON.parse(JSON.stringify(members)));
        },
      ),
    );
  });

  test("lets an element that is no JSON spoil itself only", async () => {
    const pieces = await cut('{"records":[{"mag":1},{"mag":NaN},{"mag":3}]}');
    expect(elementsOf(pieces)).toEqual(['{"mag":1}', '{"mag":NaN}', '{"mag":3}']);
  });

  test("takes brackets and quotes inside texts for text", async () => {
    const record = { text: '}],{"[ \\" \\\\' };
    expect(elementsOf(await cut(JSON.stringify({ records: [record, 1] }), 1))).toEqual([
      JSON.stringify(record),
      "1",
    ]);
  });

  test("gives members that follow the array, and ignores an array of the same name further down", async () => {
    const pieces = await cut('{"a":{"records":[9]},"records":[1],"z":true}');
    expect(elementsOf(pieces)).toEqual(["1"]);
    expect(membersOf(pieces)).toEqual({ a: { records: [9] }, z: true });
  });

  test("gives the elements before a break, then says that the document breaks off", async () => {
    const pieces: JsonPiece[] = [];
    const reading = (async () => {
      for await (const piece of splitJson(chunksOf('{"records":[{"a":1},{"a":2},{"a"', 7), "records"))
        pieces.push(piece);
    })();
    await expect(reading).rejects.toThrow("the JSON document breaks off before its end");
    expect(elementsOf(pieces)).toEqual(['{"a":1}', '{"a":2}']);
  });

  test.each([
    ["an error page", "<html>", 'got "<"'],
    ["a bare array", "[1]", 'got "["'],
    ["an empty file", "", "got nothing"],
    ["another document", '{"other":[1]}', "an array `records`; it has none"],
    ["text after the end", '{"records":[]} x', 'expected nothing after the JSON document; got "x"'],
  ])("says what it expected of %s", async (_name, text, message) => {
    await expect(cut(text)).rejects.toThrow(message);
  });
});

async function cut(text: string, chunkLength = 1_000): Promise<JsonPiece[]> {
  const pieces: JsonPiece[] = [];
  for await (const piece of splitJson(chunksOf(text, chunkLength), "records")) pieces.push(piece);
  return pieces;
}

async function* chunksOf(text: string, length: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

function elementsOf(pieces: readonly JsonPiece[]): string[] {
  return pieces.flatMap((piece) => (piece.kind === "element" ? piece.text : []));
}

function membersOf(pieces: readonly JsonPiece[]): Record<string, unknown> {
  return Object.fromEntries(
    pieces.flatMap((piece) => (piece.kind === "member" ? [[piece.key, JSON.parse(piece.text)]] : [])),
  );
}
