import { expect, test } from "@jest/globals";
import { readFeed } from "./readFeed.ts";

const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>Port news</title><link>https://port.example</link>
<item><title>Harbour &amp; lock closed</title><link>https://port.example/1</link><guid>1</guid>
<description><![CDATA[<b>Flood</b> at the gate]]></description><pubDate>Tue, 03 Mar 2026 12:00:00 GMT</pubDate></item>
<item><title>Second</title><link>https://port.example/2</link></item></channel></rss>`;

const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Advisories</title><entry><id>urn:a:1</id>
<title type="text">One</title><link rel="self" href="https://a.example/self"/><link href="https://a.example/1"/>
<updated>2026-03-03T12:05:00Z</updated><published>2026-03-03T12:00:00Z</published><author><title>not this</title></author>
<summary>Short</summary></entry></feed>`;

test("RSS: each item with its texts, entities and CDATA read, and the link where there is no guid", async () => {
  expect(await itemsOf(rss)).toEqual([
    {
      id: "1",
      title: "Harbour & lock closed",
      summary: "<b>Flood</b> at the gate",
      link: "https://port.example/1",
      publishedAt: "Tue, 03 Mar 2026 12:00:00 GMT",
      updatedAt: null,
    },
    expect.objectContaining({ id: "https://port.example/2", title: "Second", summary: null }),
  ]);
});

test("Atom: the page's link and not the feed's own, and nothing of nested elements", async () => {
  expect(await itemsOf(atom)).toEqual([
    {
      id: "urn:a:1",
      title: "One",
      summary: "Short",
      link: "https://a.example/1",
      publishedAt: "2026-03-03T12:00:00Z",
      updatedAt: "2026-03-03T12:05:00Z",
    },
  ]);
});

test("the same however the document is cut", async () => {
  expect(await itemsOf(...rss)).toEqual(await itemsOf(rss));
});

test.each([
  ["a DOCTYPE", `<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel/></rss>`, "it has a DOCTYPE"],
  ["an entity of its own", "<rss><channel><title>&lol;</title></channel></rss>", "undefined entity"],
  ["another document", "<html></html>", "its root is html"],
  ["an end in the middle", rss.slice(0, rss.indexOf("Second")), "unclosed tag"],
  ["endless depth", `<rss>${"<a>".repeat(100)}`, "nested more than 64 deep"],
])("%s breaks the feed off, with the reason", async (_what, document, reason) => {
  await expect(itemsOf(document)).rejects.toThrow(reason);
});

test("items before the fault are given", async () => {
  const given: unknown[] = [];
  const read = async () => {
    for await (const { value } of readFeed(pieces([rss.slice(0, rss.indexOf("Second"))]))) given.push(value);
  };
  await expect(read()).rejects.toThrow("unclosed tag");
  expect(given).toHaveLength(1);
});

async function itemsOf(...parts: readonly string[]): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const { value } of readFeed(pieces(parts))) items.push(value);
  return items;
}

async function* pieces(parts: readonly string[]): AsyncGenerator<string> {
  yield* parts;
}
