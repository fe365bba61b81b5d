/**
 * Mentions of GDELT 2.0 (http://data.gdeltproject.org/documentation/GDELT-Event_Codebook-V2.0.pdf): which document told
 * of which event, how sure the program was that read it, and in what tone.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { createRows, signalId } from "./createRows.ts";
import { blankable, compactMoment, decimal, text, toShare, toTitle, toWebUrl } from "./fields.ts";
import { gdeltEventsCode } from "./gdeltEvents.ts";
import type { Importer, ParsedRecord } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";

const code = "gdelt-mentions";
const rows = createRows(code);

export const gdeltMentions: Importer = {
  name: "gdelt-mentions",
  source: {
    code,
    name: "GDELT 2.0 mentions",
    publisher: "The GDELT Project",
    domain: "SOCIAL",
    licence: "Open; cite the GDELT Project (https://www.gdeltproject.org)",
    reliability: "C",
    url: "https://www.gdeltproject.org",
  },
  format: {
    kind: "csv",
    delimiter: ",",
    header: true,
    quoted: true,
    columns: [
      "globaleventid",
      "mentiontimedate",
      "mentiontype",
      "mentionsourcename",
      "mentionidentifier",
      "sentenceid",
      "confidence",
      "mentiondoctone",
    ],
  },
  dated: "record",
  createParser:
    ({ now }) =>
    (record) =>
      parseMention(record, now),
};

const integer = decimal.pipe(z.number().int());

const schema = z.object({
  globaleventid: z.string().regex(/^\d{1,18}$/, "expected digits"),
  mentiontimedate: compactMoment,
  mentiontype: integer.pipe(z.number().min(1).max(6)),
  mentionsourcename: text(200),
  mentionidentifier: text(2_000),
  sentenceid: integer,
  actor1charoffset: blankable(integer),
  actor2charoffset: blankable(integer),
  actioncharoffset: blankable(integer),
  confidence: integer.pipe(z.number().min(0).max(100)),
  mentiondoctone: decimal.pipe(z.number().min(-100).max(100)),
});

type Mention = z.output<typeof schema>;

function parseMention(record: unknown, now: Date): ParsedRecord {
  const mention = parseFields(schema, record);
  const observedAt = refuseFuture("mentiontimedate", mention.mentiontimedate, now);
  const outlet = rows.entity({
    sourceId: `outlet:${mention.mentionsourcename}`,
    kind: "ORGANISATION",
    name: mention.mentionsourcename,
    updatedAt: observedAt,
  });
  const signal = rows.signal({
    sourceId: identifyMention(mention),
    domain: "SOCIAL",
    kind: "media-mention",
    title: toTitle(`${mention.mentionsourcename} on GDELT event ${mention.globaleventid}`),
    severity: rateTone(mention),
    confidence: toShare(mention.confidence / 100),
    url: toWebUrl(mention.mentionidentifier),
    observedAt,
    updatedAt: observedAt,
    attributes: {
      eventId: mention.globaleventid,
      tone: mention.mentiondoctone,
      sentence: mention.sentenceid,
      document: mention.mentionidentifier,
    },
    entityIds: [outlet.id],
    countryOf: signalId(gdeltEventsCode, mention.globaleventid),
  });
  return { type: "mention", entities: [outlet], signals: [signal] };
}

/** Mentions have no id: event, document and the place in it make one. One sentence may tell of an event twice. */
function identifyMention(mention: Mention): string {
  const document = createHash("sha256").update(mention.mentionidentifier).digest("hex").slice(0, 32);
  const offsets = [mention.actor1charoffset, mention.actor2charoffset, mention.actioncharoffset];
  return [mention.globaleventid, document, mention.sentenceid, ...offsets.map((offset) => offset ?? "")].join(
    ":",
  );
}

/** Tone is the share of positive words less that of negative ones, in percent; below -20 is hardly ever seen. */
function rateTone({ mentiondoctone }: Mention): number {
  return toShare(-mentiondoctone / 20);
}
