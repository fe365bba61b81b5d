import { describe, expect, test } from "@jest/globals";
import { signalId } from "./createRows.ts";
import { gdeltMentions } from "./gdeltMentions.ts";

const now = new Date("2026-03-03T12:00:00Z");
const parse = gdeltMentions.createParser({ updatedAt: now, now, header: {} });

const mention = {
  globaleventid: "555924816",
  eventtimedate: "20160701210000",
  mentiontimedate: "20170701234500",
  mentiontype: "1",
  mentionsourcename: "news.example",
  mentionidentifier: "http://news.example/a",
  sentenceid: "4",
  actor1charoffset: "-1",
  actor2charoffset: "996",
  actioncharoffset: "988",
  inrawtext: "1",
  confidence: "80",
  mentiondoclen: "2579",
  mentiondoctone: "-5",
  mentiondoctranslationinfo: "",
  extras: "",
};
const signalOf = (change: object = {}) => parse({ ...mention, ...change }).signals?.[0];

describe("gdelt-mentions", () => {
  test("gives a signal with tone and confidence that takes the country of its event", () => {
    expect(signalOf()).toMatchObject({
      domain: "SOCIAL",
      kind: "media-mention",
      severity: 0.25,
      confidence: 0.8,
      url: "http://news.example/a",
      observedAt: new Date("2017-07-01T23:45:00Z"),
      countryOf: signalId("gdelt-events", "555924816"),
      attributes: { eventId: "555924816", tone: -5 },
    });
  });

  test("tells apart two places of one sentence, and knows a mention again", () => {
    expect(signalOf()?.id).toBe(signalOf({ confidence: "20" })?.id);
    expect(signalOf()?.id).not.toBe(signalOf({ actioncharoffset: "7" })?.id);
    expect(signalOf()?.id).not.toBe(signalOf({ mentionidentifier: "http://news.example/b" })?.id);
  });

  test("gives no severity to a friendly tone, and no address to a document that has none", () => {
    expect(signalOf({ mentiondoctone: "3.5" })?.severity).toBe(0);
    expect(signalOf({ mentiontype: "2", mentionidentifier: "BBC Monitoring" })?.url).toBeNull();
  });

  test.each([
    ["confidence above 100", { confidence: "101" }, "confidence: "],
    ["confidence of NaN", { confidence: "NaN" }, 'confidence: expected a number; got "NaN"'],
    ["a time that is none", { mentiontimedate: "20170701250000" }, "mentiontimedate: "],
    [
      "a time to come",
      { mentiontimedate: "20270701000000" },
      "mentiontimedate: expected a moment that has come",
    ],
    [
      "a document of 1 MB",
      { mentionidentifier: "x".repeat(1_048_576) },
      "mentionidentifier: expected at most 2000",
    ],
    ["a missing column", { sentenceid: undefined }, "sentenceid: "],
  ])("refuses %s", (_name, change, reason) => {
    expect(() => parse({ ...mention, ...change })).toThrow(reason);
  });
});
