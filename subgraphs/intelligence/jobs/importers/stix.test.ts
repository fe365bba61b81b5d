import { describe, expect, test } from "@jest/globals";
import { stix } from "./stix.ts";

const now = new Date("2026-03-03T12:00:00Z");
const parse = stix.createParser({ updatedAt: now, now, header: {} });
const uuid = (digit: number): string => `1111111${digit}-1111-4111-8111-111111111111`;
const dates = { created: "2020-05-21T17:43:26.506Z", modified: "2025-04-16T21:26:20.050Z" };

const technique = {
  type: "attack-pattern",
  id: `attack-pattern--${uuid(1)}`,
  ...dates,
  name: "Spoof Reporting Message",
  description: "Adversaries may spoof.",
  external_references: [
    { source_name: "mitre-attack", external_id: "T0856", url: "https://attack.mitre.org/techniques/T0856" },
  ],
};
const relationship = (from: string, to: string, change: object = {}) => ({
  type: "relationship",
  id: `relationship--${uuid(9)}`,
  ...dates,
  relationship_type: "uses",
  source_ref: `${from}--${uuid(1)}`,
  target_ref: `${to}--${uuid(2)}`,
  ...change,
});

describe("stix", () => {
  test.each([
    ["attack-pattern", "TECHNIQUE"],
    ["course-of-action", "TECHNIQUE"],
    ["malware", "MALWARE"],
    ["tool", "MALWARE"],
    ["intrusion-set", "ACTOR"],
    ["campaign", "ACTOR"],
    ["identity", "ORGANISATION"],
    ["x-mitre-asset", "ASSET"],
    ["vulnerability", "VULNERABILITY"],
  ])("gives an entity for %s", (type, kind) => {
    const { entities: [entity] = [] } = parse({ ...technique, type, id: `${type}--${uuid(1)}` });
    expect(entity).toMatchObject({ kind, name: technique.name, updatedAt: new Date(dates.modified) });
  });

  test("keeps the publisher's own id and other names as aliases, never the name itself", () => {
    const aliases = { aliases: [technique.name, "Other"], x_mitre_aliases: ["Other", "Third"] };
    expect(parse({ ...technique, ...aliases }).entities?.[0]?.aliases).toEqual(["Other", "Third", "T0856"]);
  });

  test("tells what was revoked or deprecated", () => {
    const statusOf = (change: object) => parse({ ...technique, ...change }).entities?.[0]?.attributes.status;
    expect([statusOf({}), statusOf({ revoked: true }), statusOf({ x_mitre_deprecated: true })]).toEqual([
      "current",
      "revoked",
      "deprecated",
    ]);
  });

  test("gives a relation between two entities, even before either was read", () => {
    const { relations: [relation] = [] } = parse(relationship("attack-pattern", "x-mitre-asset"));
    const from = parse(technique).entities?.[0];
    expect(relation).toMatchObject({ kind: "uses", fromEntityId: from?.id, description: null });
  });

  test("keeps everything else whole: a relationship of no entity, a tactic, an undated-by-rule marking", () => {
    const detects = relationship("x-mitre-detection-strategy", "attack-pattern", {
      relationship_type: "detects",
    });
    const tactic = {
      type: "x-mitre-tactic",
      id: `x-mitre-tactic--${uuid(3)}`,
      ...dates,
      name: "Impact",
      more: [1],
    };
    const marking = {
      type: "marking-definition",
      id: `marking-definition--${uuid(4)}`,
      created: dates.created,
    };
    for (const object of [detects, tactic, marking]) {
      expect(parse(object).stixObjects).toMatchObject([
        { sourceId: object.id, type: object.type, body: object },
      ]);
    }
    expect(parse(detects).type).toBe("relationship detects");
  });

  test.each([
    ["no name", { ...technique, name: undefined }, "name: "],
    [
      "an id of another type",
      { ...technique, id: `malware--${uuid(1)}` },
      "expected an id that begins with the type",
    ],
    ["an id that is none", { ...technique, id: "T0856" }, "id: expected an id of STIX"],
    [
      "no date",
      { ...technique, created: undefined, modified: undefined },
      "expected `modified` or `created`",
    ],
    ["a date without a zone", { ...technique, modified: "2025-04-16T21:26:20" }, "modified: "],
    [
      "a change to come",
      { ...technique, modified: "2027-01-01T00:00:00Z" },
      "modified: expected a moment that has come",
    ],
    [
      "a relationship without an end",
      relationship("malware", "malware", { target_ref: undefined }),
      "target_ref: ",
    ],
    [
      "a name of 1 MB",
      { ...technique, name: "x".repeat(1_048_576) },
      "name: expected at most 500 characters",
    ],
  ])("refuses %s", (_name, object, reason) => {
    expect(() => parse(object)).toThrow(reason);
  });
});
