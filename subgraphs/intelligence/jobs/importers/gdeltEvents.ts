/**
 * Events of GDELT 1.0 (http://data.gdeltproject.org/documentation/GDELT-Data_Format_Codebook.pdf): who did what to
 * whom and where, read from the news by a program, in the codes of CAMEO.
 */
import { z } from "zod";
import { findCountryByAlpha3, findCountryOfPlace } from "./countries.ts";
import { createRows } from "./createRows.ts";
import {
  blankable,
  compactMoment,
  decimal,
  latitude,
  longitude,
  text,
  toShare,
  toSlug,
  toTitle,
  toWebUrl,
} from "./fields.ts";
import { eventColumns, rootEvents } from "./gdeltCodes.ts";
import type { EntityRow, Importer, ParsedRecord } from "./importer.ts";
import { parseFields, RecordFault, refuseFuture } from "./recordFault.ts";

export const gdeltEventsCode = "gdelt-events";
const rows = createRows(gdeltEventsCode);

export const gdeltEvents: Importer = {
  name: "gdelt-events",
  source: {
    code: gdeltEventsCode,
    name: "GDELT 1.0 events",
    publisher: "The GDELT Project",
    domain: "GEOPOLITICAL",
    licence: "Open; cite the GDELT Project (https://www.gdeltproject.org)",
    reliability: "C",
    url: "https://www.gdeltproject.org",
  },
  // Files of before April 2013 end without SOURCEURL.
  format: {
    kind: "csv",
    delimiter: "\t",
    header: false,
    quoted: false,
    columns: eventColumns,
    optionalColumns: 1,
  },
  dated: "record",
  createParser:
    ({ now }) =>
    (record) =>
      parseEvent(record, now),
};

const count = decimal.pipe(z.number().int().min(0));
const cameoCode = blankable(text(30));
const actorName = blankable(text(200));

const schema = z.object({
  GLOBALEVENTID: z.string().regex(/^\d{1,18}$/, "expected digits"),
  SQLDATE: compactMoment,
  Actor1Code: cameoCode,
  Actor1Name: actorName,
  Actor1CountryCode: cameoCode,
  Actor1Type1Code: cameoCode,
  Actor2Code: cameoCode,
  Actor2Name: actorName,
  Actor2CountryCode: cameoCode,
  Actor2Type1Code: cameoCode,
  EventCode: z.string().regex(/^\d{2,4}$/, "expected 2 to 4 digits"),
  EventRootCode: z.string().regex(/^\d{2}$/, "expected 2 digits"),
  GoldsteinScale: decimal.pipe(z.number().min(-10).max(10)),
  NumMentions: count,
  NumSources: count,
  NumArticles: count,
  AvgTone: decimal.pipe(z.number().min(-100).max(100)),
  ActionGeo_FullName: blankable(text(300)),
  ActionGeo_Lat: blankable(decimal.pipe(latitude)),
  ActionGeo_Long: blankable(decimal.pipe(longitude)),
  DATEADDED: compactMoment,
  SOURCEURL: blankable(z.string().max(2_000)),
});

type Event = z.output<typeof schema>;

function parseEvent(record: unknown, now: Date): ParsedRecord {
  const event = parseFields(schema, record);
  const root = rootEvents.get(event.EventRootCode);
  if (root === undefined) {
    throw new RecordFault(`EventRootCode: expected a root of CAMEO, 01 to 20; got ${event.EventRootCode}`);
  }
  const actors = [
    toActor(
      event.Actor1Code,
      event.Actor1Name,
      event.Actor1CountryCode,
      event.Actor1Type1Code,
      event.DATEADDED,
    ),
    toActor(
      event.Actor2Code,
      event.Actor2Name,
      event.Actor2CountryCode,
      event.Actor2Type1Code,
      event.DATEADDED,
    ),
  ];
  const place = toPlace(event);
  const involved = [...actors, place].filter((entity) => entity !== null);
  const signal = rows.signal({
    sourceId: event.GLOBALEVENTID,
    domain: "GEOPOLITICAL",
    kind: toSlug(root),
    title: toTitle(describeEvent(root, actors, place)),
    severity: rateEvent(event),
    confidence: trustEvent(event),
    url: toWebUrl(event.SOURCEURL),
    countryCode: place?.countryCode ?? actors.find((actor) => actor?.countryCode)?.countryCode ?? null,
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
    observedAt: refuseFuture("SQLDATE", event.SQLDATE, now),
    updatedAt: refuseFuture("DATEADDED", event.DATEADDED, now),
    attributes: {
      eventCode: event.EventCode,
      goldsteinScale: event.GoldsteinScale,
      averageTone: event.AvgTone,
      mentionCount: event.NumMentions,
      sourceCount: event.NumSources,
      articleCount: event.NumArticles,
      actors: [event.Actor1Code, event.Actor2Code],
      place: event.ActionGeo_FullName,
    },
    entityIds: [...new Set(involved.map(({ id }) => id))],
  });
  return { type: root, entities: involved, signals: [signal] };
}

/** An actor of CAMEO: the code carries country and role, the name tells actors of one code apart. */
function toActor(
  code: string | null,
  name: string | null,
  country: string | null,
  role: string | null,
  updatedAt: Date,
): EntityRow | null {
  if (code === null || name === null) return null;
  return rows.entity({
    sourceId: `actor:${code}:${name}`,
    kind: organisationRoles.has(role ?? "") ? "ORGANISATION" : "ACTOR",
    name,
    countryCode: country === null ? null : findCountryByAlpha3(country),
    attributes: { cameoCode: code, role },
    updatedAt,
  });
}

/** Business, media, intergovernmental, non-governmental, multinational, education, health, unidentified companies. */
const organisationRoles = new Set(["BUS", "MED", "IGO", "NGO", "MNC", "EDU", "HLH"]);

function toPlace(event: Event): EntityRow | null {
  if (event.ActionGeo_FullName === null) return null;
  const hasPoint = event.ActionGeo_Lat !== null && event.ActionGeo_Long !== null;
  return rows.entity({
    sourceId: `place:${event.ActionGeo_FullName}`,
    kind: "PLACE",
    name: event.ActionGeo_FullName,
    countryCode: findCountryOfPlace(event.ActionGeo_FullName),
    latitude: hasPoint ? event.ActionGeo_Lat : null,
    longitude: hasPoint ? event.ActionGeo_Long : null,
    updatedAt: event.DATEADDED,
  });
}

function describeEvent(
  root: string,
  [actor, target]: readonly (EntityRow | null)[],
  place: EntityRow | null,
): string {
  const who = [actor?.name, target?.name].filter((name) => name !== undefined).join(" → ");
  return [who, root, place?.name].filter((part) => part !== undefined && part !== "").join(" · ");
}

/** Goldstein's scale runs from -10 (military attack) to 10 (help): what does no harm has no severity. */
function rateEvent({ GoldsteinScale }: Event): number {
  return toShare(-GoldsteinScale / 10);
}

/**
 * One article that a program read is weak evidence (0.3). Each doubling of independent sources adds 0.15, of mentions
 * 0.05, to 0.95 at most.
 */
function trustEvent({ NumSources, NumMentions }: Event): number {
  const doublings = (amount: number): number => Math.log2(Math.max(1, amount));
  return toShare(Math.min(0.95, 0.3 + 0.15 * doublings(NumSources) + 0.05 * doublings(NumMentions)));
}
