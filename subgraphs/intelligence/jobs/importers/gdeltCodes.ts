/** Names that GDELT's files leave out. A table, so it may stay whole. */

/** Root events of CAMEO 1.1b3, chapter 2 (http://data.gdeltproject.org/documentation/CAMEO.Manual.1.1b3.pdf). */
export const rootEvents: ReadonlyMap<string, string> = new Map([
  ["01", "Make public statement"],
  ["02", "Appeal"],
  ["03", "Express intent to cooperate"],
  ["04", "Consult"],
  ["05", "Engage in diplomatic cooperation"],
  ["06", "Engage in material cooperation"],
  ["07", "Provide aid"],
  ["08", "Yield"],
  ["09", "Investigate"],
  ["10", "Demand"],
  ["11", "Disapprove"],
  ["12", "Reject"],
  ["13", "Threaten"],
  ["14", "Protest"],
  ["15", "Exhibit military posture"],
  ["16", "Reduce relations"],
  ["17", "Coerce"],
  ["18", "Assault"],
  ["19", "Fight"],
  ["20", "Engage in unconventional mass violence"],
]);

const actorColumns = (actor: "Actor1" | "Actor2"): string[] =>
  [
    "Code",
    "Name",
    "CountryCode",
    "KnownGroupCode",
    "EthnicCode",
    "Religion1Code",
    "Religion2Code",
    "Type1Code",
    "Type2Code",
    "Type3Code",
  ].map((column) => actor + column);

const placeColumns = (place: "Actor1Geo" | "Actor2Geo" | "ActionGeo"): string[] =>
  ["Type", "FullName", "CountryCode", "ADM1Code", "Lat", "Long", "FeatureID"].map(
    (column) => `${place}_${column}`,
  );

/** The 58 columns of an event file of GDELT 1.0, in their order. */
export const eventColumns: readonly string[] = [
  ...["GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate"],
  ...actorColumns("Actor1"),
  ...actorColumns("Actor2"),
  ...["IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale"],
  ...["NumMentions", "NumSources", "NumArticles", "AvgTone"],
  ...placeColumns("Actor1Geo"),
  ...placeColumns("Actor2Geo"),
  ...placeColumns("ActionGeo"),
  ...["DATEADDED", "SOURCEURL"],
];
