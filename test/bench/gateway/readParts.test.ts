import { describe, expect, test } from "@jest/globals";
import { readParts } from "./readParts.ts";

const type = 'multipart/mixed; boundary="-"';
const toBody = (...payloads: readonly object[]) =>
  `\r\n---\r\n${payloads
    .map((payload) => `content-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(payload)}\r\n`)
    .join("---\r\n")}-----\r\n`;

describe("readParts", () => {
  test("puts parts with a path into the objects that are there", () => {
    const body = toBody(
      { data: { all: [{ id: 1, in: { a: 1 } }] }, hasNext: true },
      { incremental: [{ path: ["all", 0], data: { name: "--one--", in: { b: 2 } } }], hasNext: true },
      {
        incremental: [{ path: ["all", 0, "in"], data: null, errors: [{ message: "gone" }] }],
        hasNext: false,
      },
    );
    expect(readParts(type, body)).toEqual({
      data: { all: [{ id: 1, in: { a: 1, b: 2 }, name: "--one--" }] },
      errors: [{ message: "gone" }],
      parts: 2,
    });
  });

  test("puts announced parts there too", () => {
    const body = toBody(
      { data: { one: {} }, pending: [{ id: "0", path: ["one"] }], hasNext: true },
      { incremental: [{ id: "0", data: { b: 2 } }], completed: [{ id: "0" }], hasNext: false },
    );
    expect(readParts(type, body)).toEqual({ data: { one: { b: 2 } }, errors: [], parts: 1 });
  });

  test.each([
    ["application/json", "{}", "expected parts"],
    [type, toBody({ data: {}, hasNext: true }), "expected a last part"],
  ])("refuses %s that is no answer in parts", (contentType, body, message) => {
    expect(() => readParts(contentType, body)).toThrow(message);
  });
});
