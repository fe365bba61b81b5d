import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createMemoryCache } from "../documents/createMemoryCache.ts";
import { hashText, readSafelist, type Safelist } from "../documents/readSafelist.ts";
import { createFindDocument } from "./findDocument.ts";

const text = "{ book { title } }";
const byHash = (hash: string) => ({
  query: undefined,
  extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
});
const withText = (query: string) => ({ query, extensions: {} });

describe("automatic persisted queries", () => {
  const open = () => createFindDocument({ safelist: { kind: "off" }, cache: createMemoryCache(100_000) });

  test("a hash is unknown until its text was kept, and then is the text", async () => {
    const findDocument = open();
    await expect(findDocument(byHash(hashText(text)))).rejects.toMatchObject({
      code: "PERSISTED_QUERY_NOT_FOUND",
      message: "PersistedQueryNotFound",
      status: 200,
    });
    const found = await findDocument({ ...byHash(hashText(text)), query: text });
    await found.keep?.();
    expect(await findDocument(byHash(hashText(text)))).toEqual({ query: text });
  });

  test("a text is not kept before somebody has found it valid", async () => {
    const findDocument = open();
    await findDocument({ ...byHash(hashText(text)), query: text });
    await expect(findDocument(byHash(hashText(text)))).rejects.toMatchObject({
      code: "PERSISTED_QUERY_NOT_FOUND",
    });
  });

  test.each([
    ["a hash of another text", { persistedQuery: { version: 1, sha256Hash: hashText("{ other }") } }],
    ["another version", { persistedQuery: { version: 2, sha256Hash: hashText(text) } }],
    ["a hash that is no text", { persistedQuery: { version: 1, sha256Hash: 7 } }],
    ["a hash without end", { persistedQuery: { version: 1, sha256Hash: "a".repeat(10_000) } }],
  ])("%s is refused", async (_title, extensions) => {
    await expect(open()({ query: text, extensions })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("what a shared cache has under a wrong name is not found", async () => {
    const cache = { find: async () => "{ secrets }", keep: async () => {} };
    const findDocument = createFindDocument({ safelist: { kind: "off" }, cache });
    await expect(findDocument(byHash(hashText(text)))).rejects.toMatchObject({
      code: "PERSISTED_QUERY_NOT_FOUND",
    });
  });

  test("off says so, in the words that make clients send the text", async () => {
    const findDocument = createFindDocument({ safelist: { kind: "off" }, cache: undefined });
    await expect(findDocument(byHash(hashText(text)))).rejects.toMatchObject({
      code: "PERSISTED_QUERY_NOT_SUPPORTED",
    });
    expect(await findDocument({ ...byHash(hashText(text)), query: text })).toEqual({ query: text });
  });
});

describe("the safelist", () => {
  let folder: string;
  let list: Safelist;
  const manifest = (operations: unknown, format = "apollo-persisted-query-manifest") =>
    JSON.stringify({ format, version: 1, operations });

  async function read(content: string): Promise<Safelist> {
    const path = join(folder, "manifest.json");
    await writeFile(path, content);
    return readSafelist(path);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atlas-safelist-"));
    list = await read(manifest([{ id: "book-1", name: "Book", type: "query", body: text }]));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  test("only: runs what is on it, by id or to the letter", async () => {
    const findDocument = createFindDocument({
      safelist: { kind: "only", list },
      cache: createMemoryCache(1_000),
    });
    expect(await findDocument(byHash("book-1"))).toEqual({ query: text });
    expect(await findDocument(withText(text))).toEqual({ query: text });
  });

  test.each([
    ["introspection", withText("{ __schema { types { name } } }")],
    ["the type of the root", withText("{ __typename }")],
    ["another spelling of the same", withText("{book{title}}")],
    ["the same with a comment", withText(`${text} #`)],
    ["an unknown id", byHash("book-2")],
    ["an id that every object has", byHash("constructor")],
    ["a text with the id of a known one", { ...byHash("book-1"), query: "{ __typename }" }],
    ["a text that asks to be kept", { ...byHash(hashText("{ a }")), query: "{ a }" }],
  ])("only: refuses %s", async (_title, request) => {
    const findDocument = createFindDocument({
      safelist: { kind: "only", list },
      cache: createMemoryCache(1_000),
    });
    await expect(findDocument(request)).rejects.toMatchObject({
      code: "QUERY_NOT_IN_SAFE_LIST",
      status: 403,
    });
  });

  test("log: runs everything and tells the hash of what is not on it", async () => {
    const unknown: string[] = [];
    const findDocument = createFindDocument({
      safelist: { kind: "log", list, onUnknown: (hash) => unknown.push(hash) },
      cache: undefined,
    });
    await findDocument(withText(text));
    await findDocument(withText("{ other }"));
    expect(unknown).toEqual([hashText("{ other }")]);
  });

  test.each([
    ["not JSON", "{"],
    ["another format", manifest([], "relay")],
    ["an operation without a body", manifest([{ id: "a" }])],
    [
      "two operations of one id",
      manifest([
        { id: "a", body: "{a}" },
        { id: "a", body: "{b}" },
      ]),
    ],
  ])("a manifest that is %s stops the start", async (_title, content) => {
    await expect(read(content)).rejects.toMatchObject({ name: "StartError" });
  });
});
