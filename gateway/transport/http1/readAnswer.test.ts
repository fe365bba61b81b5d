import { describe, expect, test } from "@jest/globals";
import { AnswerReader } from "./readAnswer.ts";

const head = (...lines: readonly string[]) =>
  `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;

/** Feeds a text in pieces of these lengths through one piece of memory, as connections do. */
function read(text: string, lengths: readonly number[], bytesMax = 1_000_000) {
  const reader = new AnswerReader(() => bytesMax);
  const lent = Buffer.alloc(65_536);
  const bytes = Buffer.from(text, "latin1");
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    const count = Math.min(length, bytes.length - at);
    if (count === 0) continue;
    // What was there before must not be taken for a part of this.
    lent.fill("HTTP/1.1 500 Old\r\n\r\n0\r\n\r\n").set(bytes.subarray(at, at + count));
    at += count;
    const state = reader.read(lent, count);
    if (state !== "more") {
      const isClean = at === bytes.length && reader.hasTaken(count);
      return state === "done" ? { state, isClean, answer: reader.take() } : { state };
    }
  }
  return { state: "more", endsWithConnection: reader.endsWithConnection(), reader };
}

/** Always the same numbers for a seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("an answer is the same however it is cut", () => {
  const body = '{"data":{"a":"é\\r\\n\\r\\n"}}';
  const chunked = (...pieces: readonly string[]) =>
    `${pieces.map((piece) => `${piece.length.toString(16)};q="x"\r\n${piece}\r\n`).join("")}0\r\n`;
  test.each([
    ["with a length", `${head(`Content-Length: ${body.length}`)}${body}`],
    ["in chunks", `${head("Transfer-Encoding: chunked")}${chunked(body.slice(0, 5), body.slice(5))}\r\n`],
    ["in chunks with trailers", `${head("transfer-encoding: Chunked")}${chunked(body)}x-sum: 1\r\n\r\n`],
    [
      "after informational ones",
      `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${head(`content-length:${body.length}`)}${body}`,
    ],
  ])("%s", (_title, text) => {
    for (let at = 0; at <= text.length; at += 1) {
      const { state, isClean, answer } = read(text, [at]);
      expect([at, state, isClean, answer?.bytes.toString("latin1")]).toEqual([at, "done", true, body]);
    }
    expect(read(text, Array(text.length).fill(1)).answer?.bytes.toString("latin1")).toBe(body);
  });

  test("by chance, for bodies of any bytes and lengths", () => {
    const random = createRandom(20_261_124);
    for (let run = 0; run < 300; run += 1) {
      const wanted = Buffer.from(Array.from({ length: Math.floor(random() * 3_000) }, () => random() * 256));
      const text = wanted.toString("latin1");
      const pieces: string[] = [];
      for (let at = 0; at < text.length; ) {
        const end = at + 1 + Math.floor(random() * 900);
        pieces.push(text.slice(at, end));
        at = end;
      }
      const whole =
        random() < 0.5
          ? `${head(`content-length: ${text.length}`)}${text}`
          : `${head("transfer-encoding: chunked")}${chunked(...pieces)}\r\n`;
      const lengths = Array.from({ length: 20 }, () => 1 + Math.floor(random() * 700));
      expect(read(whole, lengths).answer?.bytes.equals(wanted)).toBe(true);
    }
  });
});

test("what an answer says of itself is read whatever the case of its header names", () => {
  const text = head(
    "CONTENT-TYPE: application/json; charset=utf-8",
    "Content-Encoding: gzip",
    "Retry-After: 5",
    "Keep-Alive: timeout=7, max=100",
    "X-Other: 1",
    "Content-Length: 0",
  );
  expect(read(text, []).answer).toMatchObject({
    status: 200,
    contentType: "application/json; charset=utf-8",
    contentEncoding: "gzip",
    retryAfter: "5",
    keptSeconds: 7,
  });
});

describe("whether the connection is kept", () => {
  test.each([
    ["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", undefined],
    ["HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 0\r\n\r\n", 0],
    ["HTTP/1.1 200 OK\r\nconnection: x-hop\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", 0],
    ["HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", 0],
    ["HTTP/1.0 200 OK\r\nconnection: keep-alive\r\nkeep-alive: timeout=3\r\ncontent-length: 0\r\n\r\n", 3],
    ["HTTP/1.1 204 No Content\r\n\r\n", undefined],
  ])("%j", (text, keptSeconds) => {
    expect(read(text, []).answer?.keptSeconds).toBe(keptSeconds);
  });
});

test("an answer without a length ends with its connection, and not before", () => {
  const { state, endsWithConnection, reader } = read(`${head()}{"data":`, []);
  expect([state, endsWithConnection]).toEqual(["more", true]);
  expect(reader?.take()).toMatchObject({ keptSeconds: 0, bytes: Buffer.from('{"data":') });
  expect(read(`${head("content-length: 9")}12345678`, [])).toMatchObject({
    state: "more",
    endsWithConnection: false,
  });
});

test("bytes behind an answer are seen", () => {
  expect(read(`${head("content-length: 2")}{}HTTP/1.1 200 OK`, [])).toMatchObject({
    state: "done",
    isClean: false,
  });
  expect(read(`${head("transfer-encoding: chunked")}0\r\n\r\nmore`, [])).toMatchObject({ isClean: false });
});

describe("what could be read in two ways is refused", () => {
  test.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"],
    ["a switch of protocols", "HTTP/1.1 101 Switching\r\n\r\n"],
    ["two lengths", `${head("content-length: 1", "content-length: 2")}ab`],
    ["a list of lengths", `${head("content-length: 1, 1")}a`],
    ["a length with a sign", `${head("content-length: +1")}a`],
    ["a length in hexadecimal", `${head("content-length: 0x1")}a`],
    ["a length beside chunks", `${head("content-length: 5", "transfer-encoding: chunked")}0\r\n\r\n`],
    ["chunks twice", `${head("transfer-encoding: chunked", "transfer-encoding: chunked")}0\r\n\r\n`],
    ["chunks of something else", `${head("transfer-encoding: gzip, chunked")}0\r\n\r\n`],
    ["a header that goes on in the next line", `${head("x: a", " content-length: 1")}a`],
    ["a space before the colon", `${head("content-length : 1")}a`],
    ["a line feed alone", `HTTP/1.1 200 OK\r\nx: a\ncontent-length: 1\r\n\r\na`],
    ["a carriage return alone", `${head("x: a\rcontent-length: 1")}a`],
    ["a zero byte", head("x: a\0b")],
    ["a chunk size with a sign", `${head("transfer-encoding: chunked")}-1\r\n`],
    ["a chunk size with a space in front", `${head("transfer-encoding: chunked")} 1\r\na\r\n`],
    ["a chunk size that is too long", `${head("transfer-encoding: chunked")}000000001\r\na\r\n`],
    ["a chunk line that ends with a line feed alone", `${head("transfer-encoding: chunked")}1\na\r\n`],
    ["a chunk longer than it says", `${head("transfer-encoding: chunked")}1\r\nab\r\n`],
    ["a head without end", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(4_000)}`],
    ["a chunk line without end", `${head("transfer-encoding: chunked")}1;${"x".repeat(5_000)}`],
  ])("%s", (_title, text) => {
    expect(read(text, []).state).toBe("invalid");
    expect(read(text, Array(text.length).fill(1)).state).toBe("invalid");
  });
});

describe("what is larger than it may be is refused", () => {
  test.each([
    ["by its length, before a byte of it is there", head("content-length: 11")],
    ["by its chunks", `${head("transfer-encoding: chunked")}6\r\n123456\r\n6\r\n123456\r\n`],
    ["by what comes until the end", `${head()}12345678901`],
  ])("%s", (_title, text) => {
    expect(read(text, [], 10).state).toBe("too-large");
  });
});
