import { expect, test } from "@jest/globals";
import { countries } from "../countries.ts";
import { jurisdictionOf, jurisdictions } from "./jurisdictions.ts";

test.each([
  ["US", "US"],
  ["DE", "EU"],
  ["NO", "EU"],
  ["GB", "GLOBAL"],
  ["CH", "GLOBAL"],
  ["BR", "BR"],
  ["SG", "AP"],
  ["AU", "AP"],
  ["ZA", "GLOBAL"],
])("%s belongs to %s", (code, jurisdiction) => {
  const country = countries().find((one) => one.code === code);
  if (!country) throw new Error(`there is no country ${code}`);
  expect(jurisdictionOf(country)).toBe(jurisdiction);
});

test("the GDPR holds in the 27 members of the Union and the 3 others of the Economic Area", () => {
  expect(countries().filter((country) => jurisdictionOf(country) === "EU")).toHaveLength(30);
});

test("every country has codes of two and three letters, each once, in order", () => {
  const codes = countries().map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes).toEqual(codes.toSorted());
  expect(countries().filter(({ code, alpha3 }) => !/^[A-Z]{2} [A-Z]{3}$/.test(`${code} ${alpha3}`))).toEqual(
    [],
  );
});

test("data of every jurisdiction may be stored somewhere", () => {
  for (const { allowedRegions } of jurisdictions) expect(allowedRegions.length).toBeGreaterThan(0);
});
