import { describe, expect, test } from "@jest/globals";
import { readBodyParameters, readUrlParameters } from "./readParameters.ts";

const read = (value: unknown, contentType = "application/json") =>
  readBodyParameters(contentType, new TextEncoder().encode(JSON.stringify(value)));

describe("readBodyParameters", () => {
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
    (contentType) => expect(read({ query: "{a}" }, contentType).query).toBe("{a}"),
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
    expect(() => readBodyParameters("application/json", body)).toThrow("The body is not valid JSON.");
  });

  test("keeps a __proto__ key what it is: a name like any other", () => {
    const text = '{"query":"{a}","variables":{"__proto__":{"polluted":true}}}';
    const { variables } = readBodyParameters("application/json", new TextEncoder().encode(text));
    expect(Object.hasOwn(variables, "__proto__")).toBe(true);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
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
