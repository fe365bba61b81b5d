import { describe, expect, test } from "@jest/globals";
import { jurisdictions } from "./jurisdictions.ts";
import { currentPreferences, nextPreferenceVersion, refuseResidency } from "./setDataResidency.ts";

function boundsOf(code: string) {
  const found = jurisdictions.find((jurisdiction) => jurisdiction.code === code);
  if (!found) throw new Error(`there is no jurisdiction ${code}`);
  return found;
}

describe("refuseResidency", () => {
  test.each([
    ["EU", "eu", true],
    ["EU", "us", false],
    ["EU", "global", false],
    ["BR", "br", true],
    ["BR", "us", false],
    ["US", "eu", true],
    ["US", "global", true],
    ["GLOBAL", "ap", true],
  ])("data of people in %s, to be stored in %s: allowed is %s", (code, storeIn, allowed) => {
    expect(refuseResidency(boundsOf(code), storeIn) === null).toBe(allowed);
  });

  test("names the law that keeps data at home", () => {
    expect(refuseResidency(boundsOf("EU"), "us")).toBe(
      "expected EU, where GDPR keeps the data of people in EU; got US",
    );
  });
});

const preferences = [
  { dataType: "profile", version: 1, id: "a", storeIn: "us" },
  { dataType: "profile", version: 3, id: "c", storeIn: "eu" },
  { dataType: "profile", version: 2, id: "b", storeIn: "ap" },
  { dataType: "messages", version: 1, id: "d", storeIn: "us" },
];

test("the newest version of each type of data holds, in whatever order they come", () => {
  const current = [preferences[3], preferences[1]];
  expect(currentPreferences(preferences)).toEqual(current);
  expect(currentPreferences(preferences.toReversed())).toEqual(current);
});

test("of two with one version, chosen in two regions at once, the larger id holds, in whatever order they come", () => {
  const both = [
    { dataType: "profile", version: 1, id: "a", storeIn: "us" },
    { dataType: "profile", version: 1, id: "b", storeIn: "eu" },
  ];
  expect(currentPreferences(both)).toEqual([both[1]]);
  expect(currentPreferences(both.toReversed())).toEqual([both[1]]);
});

test("versions count from 1 for each type of data", () => {
  expect(nextPreferenceVersion(preferences, "profile")).toBe(4);
  expect(nextPreferenceVersion(preferences, "location")).toBe(1);
});
