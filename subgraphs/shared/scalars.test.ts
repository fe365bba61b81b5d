import { describe, expect, test } from "@jest/globals";
import { GraphQLError, parseValue } from "graphql";
import { DateTime } from "./scalars.ts";

describe("DateTime", () => {
  test.each([
    ["2026-03-03T12:00:00Z", "2026-03-03T12:00:00.000Z"],
    ["2026-03-03T12:00:00.123456Z", "2026-03-03T12:00:00.123Z"],
    ["2026-03-03t12:00:00z", "2026-03-03T12:00:00.000Z"],
    ["2026-03-03T23:30:00-03:00", "2026-03-04T02:30:00.000Z"],
    ["2028-02-29T00:00:00+05:45", "2028-02-28T18:15:00.000Z"],
  ])("takes %s for %s", (text, moment) => {
    expect(DateTime.parseValue(text).toISOString()).toBe(moment);
    expect(DateTime.parseLiteral(parseValue(JSON.stringify(text))).toISOString()).toBe(moment);
  });

  test.each([
    "2026-03-03",
    "2026-03-03T12:00Z",
    "2026-03-03T12:00:00",
    "2026-13-03T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "2026-02-30T12:00:00+01:00",
    "2026-03-03T12:00:00+99:00",
    "3 March 2026",
    "1",
    "",
    1_772_539_200_000,
    true,
    null,
  ])("refuses %j as BAD_USER_INPUT", (value) => {
    expect(() => DateTime.parseValue(value)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('expected a DateTime such as "2026-03-03T12:00:00Z"; got'),
        extensions: { code: "BAD_USER_INPUT" },
      }),
    );
  });

  test("refuses a literal that is no text", () => {
    expect(() => DateTime.parseLiteral(parseValue("1772539200000"))).toThrow(GraphQLError);
  });

  test("answers in UTC with milliseconds, and nothing that is no date", () => {
    expect(DateTime.serialize(new Date("2026-03-03T12:00:00+01:00"))).toBe("2026-03-03T11:00:00.000Z");
    for (const value of [new Date("x"), "2026-03-03T12:00:00Z", 0, null]) {
      expect(() => DateTime.serialize(value)).toThrow("no date");
    }
  });
});
