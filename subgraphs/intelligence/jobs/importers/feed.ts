/** News and advisories of a feed. A feed says nothing of weight, so how grave its items are is said once, for all of them. */
import { z } from "zod";
import { findCountryInText } from "./countries.ts";
import { createRows } from "./createRows.ts";
import { toShare, toTitle, toWebUrl } from "./fields.ts";
import type { Importer, ParsedRecord, SourceFacts } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";

/** Mentioned in the news is hardly a risk by itself, and one report is weak evidence. */
const severity = 0.2;
const confidence = 0.4;

/** The source is registered with the feed: there is no list of all feeds. */
export function createFeedImporter(source: SourceFacts): Importer {
  const rows = createRows(source.code);
  return {
    name: "feed",
    source,
    format: { kind: "feed" },
    dated: "record",
    createParser:
      ({ now, updatedAt }) =>
      (record) =>
        parseItem(record, { source, rows, now, updatedAt }),
  };
}

/** RFC 822, as RSS 2.0 wants it, or RFC 3339, as Atom does. */
const moment = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()), "expected a date of RFC 822 or RFC 3339");

const schema = z.object({
  id: z.string("expected a guid, an id or a link; got none").max(2_000),
  title: z.string("expected a title; got none"),
  summary: z.string().nullable(),
  link: z.string().nullable(),
  publishedAt: moment.nullable(),
  updatedAt: moment.nullable(),
});

type ItemContext = {
  readonly source: SourceFacts;
  readonly rows: ReturnType<typeof createRows>;
  readonly now: Date;
  /** Of the feed as a whole: for items without a date. */
  readonly updatedAt: Date;
};

function parseItem(record: unknown, { source, rows, now, updatedAt }: ItemContext): ParsedRecord {
  const item = parseFields(schema, record);
  const published = item.publishedAt ?? item.updatedAt ?? updatedAt;
  const signal = rows.signal({
    sourceId: item.id.slice(0, 500),
    domain: source.domain,
    kind: "news-item",
    title: toTitle(item.title),
    summary: item.summary?.slice(0, 20_000) ?? null,
    severity: toShare(severity),
    confidence: toShare(confidence),
    url: toWebUrl(item.link),
    countryCode: findCountryInText(item.title),
    observedAt: refuseFuture("published", published, now),
    updatedAt: refuseFuture("updated", item.updatedAt ?? published, now),
  });
  return { type: "item", signals: [signal] };
}
