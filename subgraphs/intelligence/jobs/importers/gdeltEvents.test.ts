import { describe, expect, test } from "@jest/globals";
import { eventColumns } from "./gdeltCodes.ts";
import { gdeltEvents } from "./gdeltEvents.ts";

const now = new Date("2026-03-03T12:00:00Z");
const parse = gdeltEvents.createParser({ updatedAt: now, now, header: {} });

const filled = {
  GLOBALEVENTID: "564111674",
  SQLDATE: "20160628",
  Actor1Code: "ISRGOV",
  Actor1Name: "ISRAEL",
  Actor1CountryCode: "ISR",
  Actor1Type1Code: "GOV",
  Actor2Code: "BUS",
  Actor2Name: "COMPANY",
  Actor2Type1Code: "BUS",
  EventCode: "190",
  EventRootCode: "19",
  GoldsteinScale: "-10.0",
  NumMentions: "4",
  NumSources: "2",
  NumArticles: "4",
  AvgTone: "-0.729",
  ActionGeo_FullName: "Hebron, Israel (general), Israel",
  ActionGeo_Lat: "31.53",
  ActionGeo_Long: "35.09",
  DATEADDED: "20160728",
  SOURCEURL: "http://news.example/story",
};
const event = (change: object = {}) => ({
  ...Object.fromEntries(eventColumns.map((column) => [column, ""])),
  ...filled,
  ...change,
});

describe("gdelt-events", () => {
  test("names the 58 columns of the format, each once", () => {
    expect(eventColumns).toHaveLength(58);
    expect(new Set(eventColumns).size).toBe(58);
  });

  test("gives a signal with its actors and its place", () => {
    const { signals: [signal] = [], entities = [] } = parse(event());
    expect(signal).toMatchObject({
      sourceId: "564111674",
      domain: "GEOPOLITICAL",
      kind: "fight",
      title: "ISRAEL → COMPANY · Fight · Hebron, Israel (general), Israel",
      severity: 1,
      confidence: 0.55,
      countryCode: "IL",
      latitude: 31.53,
      url: "http://news.example/story",
      observedAt: new Date("2016-06-28T00:00:00Z"),
      updatedAt: new Date("2016-07-28T00:00:00Z"),
      entityIds: entities.map(({ id }) => id),
    });
    expect(entities.map(({ kind, name }) => [kind, name])).toEqual([
      ["ACTOR", "ISRAEL"],
      ["ORGANISATION", "COMPANY"],
      ["PLACE", "Hebron, Israel (general), Israel"],
    ]);
  });

  test("reads files of before April 2013, which have no address", () => {
    expect(parse(event({ SOURCEURL: undefined })).signals?.[0]?.url).toBeNull();
  });

  test("takes an actor's country where the event has no place, and none where neither has one", () => {
    const nowhere = { ActionGeo_FullName: "", ActionGeo_Lat: "", ActionGeo_Long: "" };
    expect(parse(event(nowhere)).signals?.[0]).toMatchObject({ countryCode: "IL", latitude: null });
    expect(parse(event({ ...nowhere, Actor1CountryCode: "EUR" })).signals?.[0]?.countryCode).toBeNull();
  });

  test("gives no severity to help, and more confidence to more sources, never certainty", () => {
    expect(parse(event({ GoldsteinScale: "7" })).signals?.[0]?.severity).toBe(0);
    expect(parse(event({ NumSources: "1", NumMentions: "1" })).signals?.[0]?.confidence).toBe(0.3);
    expect(parse(event({ NumSources: "900", NumMentions: "9000" })).signals?.[0]?.confidence).toBe(0.95);
  });

  test("links an actor that acts on itself once", () => {
    const same = {
      Actor2Code: "ISRGOV",
      Actor2Name: "ISRAEL",
      Actor2CountryCode: "ISR",
      Actor2Type1Code: "GOV",
    };
    expect(parse(event(same)).signals?.[0]?.entityIds).toHaveLength(2);
  });

  test.each([
    ["a blank id", { GLOBALEVENTID: "" }, "GLOBALEVENTID: expected digits"],
    ["a scale of NaN", { GoldsteinScale: "NaN" }, 'GoldsteinScale: expected a number; got "NaN"'],
    ["a scale beyond its end", { GoldsteinScale: "-11" }, "GoldsteinScale: "],
    [
      "a root that CAMEO has not",
      { EventRootCode: "21" },
      "EventRootCode: expected a root of CAMEO, 01 to 20; got 21",
    ],
    ["a day that is none", { SQLDATE: "20160231" }, "SQLDATE: "],
    ["an event to come", { SQLDATE: "20270101" }, "SQLDATE: expected a moment that has come"],
    ["a fraction of a mention", { NumMentions: "1.5" }, "NumMentions: "],
    ["a latitude beyond the pole", { ActionGeo_Lat: "95" }, "ActionGeo_Lat: "],
    ["a missing column", { AvgTone: undefined }, "AvgTone: "],
    [
      "an actor's name of 1 MB",
      { Actor1Name: "x".repeat(1_048_576) },
      "Actor1Name: expected at most 200 characters",
    ],
  ])("refuses %s", (_name, change, reason) => {
    expect(() => parse(event(change))).toThrow(reason);
  });
});
