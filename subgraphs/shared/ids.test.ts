import { describe, expect, test } from "@jest/globals";
import { AppError } from "./errors.ts";
import {
  getGlobalId,
  getUuid,
  naturalId,
  newId,
  parseGlobalId,
  toGlobalId,
  toResidency,
  toResidencyName,
} from "./ids.ts";

const uuid = "0192b1c4-7d6e-7f00-8000-000000000001";

describe("parseGlobalId", () => {
  test("takes apart what toGlobalId put together", () => {
    const id = toGlobalId("eu", "RiskAssessment", uuid);
    expect(id).toBe(`eu-riskassessment-${uuid}`);
    expect(parseGlobalId(id)).toEqual({ residency: "eu", type: "riskassessment", uuid });
  });

  test.each([
    "",
    uuid,
    `eu-${uuid}`,
    `mars-signal-${uuid}`,
    `eu--${uuid}`,
    `eu-Signal-${uuid}`,
    `eu-signal-${uuid}x`,
    `eu-signal-${uuid}\n`,
    `eu-signal-x-${uuid}`,
    `EU-signal-${uuid}`,
    "eu-signal-not-a-uuid",
  ])("gives null for %j", (id) => {
    expect(parseGlobalId(id)).toBeNull();
  });
});

describe("getUuid", () => {
  test("gives the UUID of an id of the type, whatever its residency", () => {
    expect(getUuid(`br-datasubject-${uuid}`, "DataSubject")).toBe(uuid);
    expect(getGlobalId(`br-datasubject-${uuid}`, "DataSubject").residency).toBe("br");
  });

  test("throws BAD_USER_INPUT for an id of another type, telling what was expected and what came", () => {
    const wrong = () => getUuid(`eu-signal-${uuid}`, "DataSubject");
    expect(wrong).toThrow(AppError);
    expect(wrong).toThrow(
      expect.objectContaining({
        code: "BAD_USER_INPUT",
        message: `expected the id of a DataSubject, such as global-datasubject-<uuid>; got "eu-signal-${uuid}"`,
      }),
    );
  });

  test("repeats no more than 80 characters of what came", () => {
    const long = "x".repeat(10_000);
    expect(() => getUuid(long, "Signal")).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) }),
    );
  });
});

describe("naturalId", () => {
  test("is the same for the same key in the same tenant, for ever", () => {
    expect(naturalId("acme", "account", "analyst")).toBe(naturalId("acme", "account", "analyst"));
    // As RFC 9562 §5.5 has it; another value here would give every object a new id.
    expect(naturalId("acme", "account", "analyst")).toBe("5c1eeae8-6d34-532d-88d5-e868f22ed8b8");
  });

  test("tells apart tenants, and keys whose parts join to the same text", () => {
    const ids = [
      naturalId("acme", "a", "b"),
      naturalId("globex", "a", "b"),
      naturalId("acme", "ab"),
      naturalId("acme", "a,b"),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test("new ids follow each other in order", () => {
  const ids = Array.from({ length: 100 }, newId);
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
});

test("residencies are named in the graph and back, and no other comes from a row", () => {
  expect(toResidencyName("eu")).toBe("EU");
  expect(toResidency("GLOBAL")).toBe("global");
  expect(() => toResidencyName("mars")).toThrow('"mars"');
});
