/**
 * Items of RSS 2.0 (https://www.rssboard.org/rss-specification), RSS 1.0 and entries of Atom (RFC 4287), one by one as
 * the document arrives. A DOCTYPE is refused: it could define entities that unfold to gigabytes, and no feed needs one.
 */
import { SaxesParser } from "saxes";
import { ImportError } from "../importError.ts";
import type { FoundRecord } from "./readRecords.ts";

/** Texts as they stand in the feed, by what they mean. What is missing is null. */
export type FeedItem = {
  /** Its own id: `guid` or `id`, else the link. */
  readonly id: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly link: string | null;
  readonly publishedAt: string | null;
  readonly updatedAt: string | null;
};

type Field = keyof FeedItem;

/** Local names of elements by what they mean; of several the first that is there counts. */
const fields: ReadonlyMap<string, Field> = new Map([
  ["guid", "id"],
  ["id", "id"],
  ["title", "title"],
  ["description", "summary"],
  ["summary", "summary"],
  ["link", "link"],
  ["pubDate", "publishedAt"],
  ["published", "publishedAt"],
  ["date", "publishedAt"],
  ["updated", "updatedAt"],
]);

const nothing: FeedItem = {
  id: null,
  title: null,
  summary: null,
  link: null,
  publishedAt: null,
  updatedAt: null,
};

/** Feeds have a few levels; what is deeper than this is no feed. */
const depthMax = 64;
/** Of one text; what is longer would be cut later anyway. */
const textLengthMax = 100_000;

/** Throws an ImportError where the document breaks off; the items before were given already. */
export async function* readFeed(text: AsyncIterable<string>): AsyncGenerator<FoundRecord> {
  const parser = createParser();
  for await (const piece of text) {
    parser.write(piece);
    yield* parser.take();
    parser.assertWhole();
  }
  parser.close();
  yield* parser.take();
  parser.assertWhole();
}

function createParser() {
  const parser = new SaxesParser({ xmlns: true });
  let found: FoundRecord[] = [];
  let fault: ImportError | null = null;
  let index = 0;
  let depth = 0;
  let item: { readonly depth: number; values: FeedItem } | null = null;
  let field: { readonly name: Field; text: string } | null = null;

  const refuse = (reason: string): void => {
    fault ??= new ImportError("FILE_BROKEN", `expected a feed of RSS or Atom; ${reason}`);
  };
  parser.on("error", (error) => refuse(error.message));
  parser.on("doctype", () => refuse("it has a DOCTYPE"));
  parser.on("opentag", ({ local, attributes }) => {
    depth += 1;
    if (depth > depthMax) refuse(`its elements are nested more than ${depthMax} deep`);
    if (depth === 1 && !["rss", "RDF", "feed"].includes(local)) refuse(`its root is ${local.slice(0, 40)}`);
    if (item === null && (local === "item" || local === "entry")) item = { depth, values: nothing };
    else if (item !== null && depth === item.depth + 1) open(local, attributes);
  });
  parser.on("text", add);
  parser.on("cdata", add);
  parser.on("closetag", () => {
    if (item !== null && depth === item.depth + 1) closeField();
    if (item !== null && depth === item.depth) closeItem(item.values);
    depth -= 1;
  });

  return {
    write: (piece: string) => void (fault === null && parser.write(piece)),
    close: () => void (fault === null && parser.close()),
    take: (): readonly FoundRecord[] => {
      const taken = found;
      found = [];
      return taken;
    },
    assertWhole: () => {
      if (fault !== null) throw fault;
    },
  };

  function open(local: string, attributes: Readonly<Record<string, { readonly value: string }>>): void {
    const name = fields.get(local);
    field = name === undefined ? null : { name, text: "" };
    // Atom's links stand in an attribute, and the one without `rel` or with `alternate` is the page (4.2.7.2).
    const { href, rel } = attributes;
    if (name === "link" && href !== undefined && field !== null) {
      field.text = rel === undefined || rel.value === "alternate" ? href.value : "";
    }
  }

  function add(text: string): void {
    if (field !== null) field.text = (field.text + text).slice(0, textLengthMax);
  }

  function closeField(): void {
    if (item !== null && field !== null) {
      const text = field.text.trim();
      if (text !== "" && item.values[field.name] === null)
        item.values = { ...item.values, [field.name]: text };
    }
    field = null;
  }

  function closeItem(values: FeedItem): void {
    found.push({
      kind: "record",
      location: `item[${index}]`,
      value: { ...values, id: values.id ?? values.link },
    });
    index += 1;
    item = null;
  }
}
