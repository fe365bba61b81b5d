import { describe, expect, test } from "@jest/globals";
import { readBody, readUrlParameters } from "./readParameters.ts";

const read = (value: unknown, contentType = "application/json") =>
  readBody(contentType, new TextEncoder().encode(JSON.stringify(value)), 0);

describe("readBody", () => {
  test("reads all four parameters and leaves everything else alone", () => {
    const extensions = { persistedQuery: { version: 1 } };
    expect(read({ query: "{a}", operationName: "A", variables: { x: 1 }, extensions, other: true })).toEqual({
      query: "{a}",
      operationName: "A",
      variables: { x: 1 },
      extensions,
    });
  });

  test("takes null, absence and an empty operation name for none", () => {
    const none = { query: "{a}", operationName: undefined, variables: {}, extensions: {} };
    expect(read({ query: "{a}" })).toEqual(none);
    expect(read({ query: "{a}", operationName: null, variables: null, extensions: null })).toEqual(none);
    expect(read({ query: "{a}", operationName: "" })).toEqual(none);
  });

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
    "accepts %s",
    (contentType) => expect(read({ query: "{a}" }, contentType)).toMatchObject({ query: "{a}" }),
  );

  test.each([
    "text/plain",
    "application/json-patch+json",
    "application/jsonx",
    "application/json; charset=utf-16",
    "text/plain; application/json",
    "multipart/form-data; boundary=application/json",
    "",
  ])("refuses %p, which a page may send without asking", (contentType) => {
    expect(() => read({ query: "{a}" }, contentType)).toThrow("Expected the content-type application/json");
  });

  test("quotes nothing of a body that is not JSON", () => {
    const body = new TextEncoder().encode('{"query": secret');
    expect(() => readBody("application/json", body, 0)).toThrow("The body is not valid JSON.");
  });

  test("keeps a __proto__ key what it is: a name like any other", () => {
    const text = '{"query":"{a}","variables":{"__proto__":{"polluted":true}}}';
    const read = readBody("application/json", new TextEncoder().encode(text), 0);
    expect("variables" in read && Object.hasOwn(read.variables, "__proto__")).toBe(true);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("lets a request go without a text when it has a hash, and not otherwise", () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: "ab" } };
    expect(read({ extensions })).toMatchObject({ query: undefined, extensions });
    expect(read({ query: "", extensions })).toMatchObject({ query: undefined });
    expect(() => read({ query: 7, extensions })).toThrow(`Expected "query" to be a string`);
    expect(() => read({ extensions: { persistedQuery: true } })).toThrow(`Expected "query" to be a string`);
  });

  test("reads a batch up to its limit, and says what it expected of another", () => {
    const batch = (length: number, batchMax: number) => () =>
      readBody(
        "application/json",
        new TextEncoder().encode(JSON.stringify(Array(length).fill({ query: "{a}" }))),
        batchMax,
      );
    expect(batch(2, 2)()).toHaveLength(2);
    expect(batch(1, 0)).toThrow("Expected one request, because batching is off; got an array of 1.");
    expect(batch(3, 2)).toThrow("Expected an array of 1 to 2 requests; got an array of 3.");
    expect(batch(0, 2)).toThrow("got an array of 0");
  });
});

describe("readUrlParameters", () => {
  test("reads variables and extensions as JSON", () => {
    expect(readUrlParameters("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D&extensions=")).toEqual({
      query: "{a}",
      operationName: undefined,
      variables: { x: 1 },
      extensions: {},
    });
  });

  test("refuses a parameter that came twice, because two readers could see two requests", () => {
    expect(() => readUrlParameters("query=%7Ba%7D&query=%7Bb%7D")).toThrow('"query" came more than once');
  });

  test("refuses variables that are not JSON or not an object", () => {
    expect(() => readUrlParameters("query=%7Ba%7D&variables=%7B")).toThrow('"variables" is not valid JSON');
    expect(() => readUrlParameters("query=%7Ba%7D&variables=[]")).toThrow(
      '"variables" to be an object, got an array',
    );
  });
});
