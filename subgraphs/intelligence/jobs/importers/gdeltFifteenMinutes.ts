/**
 * The files that GDELT 2.0 adds every 15 minutes (http://data.gdeltproject.org/documentation/GDELT-Event_Codebook-V2.0.pdf):
 * the same records as the other GDELT importers read, in other columns and without a header.
 */
import { eventColumns } from "./gdeltCodes.ts";
import { gdeltEvents } from "./gdeltEvents.ts";
import { gdeltMentions } from "./gdeltMentions.ts";
import type { Importer } from "./importer.ts";

const format = { kind: "csv", delimiter: "\t", header: false, quoted: false } as const;

/** 61 columns: those of GDELT 1.0, and a second-order division after each first-order one. */
export const fifteenMinuteEventColumns: readonly string[] = eventColumns.flatMap((column) =>
  column.endsWith("_ADM1Code") ? [column, column.replace("ADM1", "ADM2")] : [column],
);

const mentionColumns = [
  "globaleventid",
  "eventtimedate",
  "mentiontimedate",
  "mentiontype",
  "mentionsourcename",
  "mentionidentifier",
  "sentenceid",
  "actor1charoffset",
  "actor2charoffset",
  "actioncharoffset",
  "inrawtext",
  "confidence",
  "mentiondoclen",
  "mentiondoctone",
  "mentiondoctranslationinfo",
  "extras",
];

export const gdeltFifteenMinuteEvents: Importer = {
  ...gdeltEvents,
  name: "gdelt-events-v2",
  format: { ...format, columns: fifteenMinuteEventColumns },
};

export const gdeltFifteenMinuteMentions: Importer = {
  ...gdeltMentions,
  name: "gdelt-mentions-v2",
  format: { ...format, columns: mentionColumns },
};
