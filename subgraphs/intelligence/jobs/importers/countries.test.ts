import { describe, expect, test } from "@jest/globals";
import {
  findCountryByAlpha3,
  findCountryByName,
  findCountryInText,
  findCountryOfPlace,
  findNearestCountry,
} from "./countries.ts";

describe("countries", () => {
  test.each([
    ["Germany", "DE"],
    ["russian federation", "RU"],
    ["Burma", "MM"],
    ["Bosnia-Herzegovina", "BA"],
    ["Turkey", "TR"],
    ["Democratic Republic of the Congo", "CD"],
    ["Côte d’Ivoire", "CI"],
    ["Atlantis", null],
    ["", null],
  ])("finds %j by name", (name, code) => {
    expect(findCountryByName(name)).toBe(code);
  });

  test.each([
    ["Nassau, New Providence, Bahamas, The", "BS"],
    ["Vietnam, Republic Of", "VN"],
    ["Illinois, United States", "US"],
    ["Accra, Greater Accra, Ghana", "GH"],
    ["Somewhere", null],
  ])("finds the country of %j", (place, code) => {
    expect(findCountryOfPlace(place)).toBe(code);
  });

  test("finds a country by ISO's code, and none by the code of an aggregate", () => {
    expect(findCountryByAlpha3("deu")).toBe("DE");
    expect(findCountryByAlpha3("WLD")).toBeNull();
    expect(findCountryByAlpha3("EUR")).toBeNull();
  });

  test("finds the country that a text names, the longest name first", () => {
    expect(findCountryInText("Off the east coast of the North Island of New Zealand")).toBe("NZ");
    expect(findCountryInText("south of Papua New Guinea")).toBe("PG");
    expect(findCountryInText("Southern Mid-Atlantic Ridge")).toBeNull();
  });

  test("finds the nearest country near a shore, and none far out at sea", () => {
    expect(findNearestCountry(-6.43, 128.65)).toBe("ID");
    expect(findNearestCountry(64.5, -19)).toBe("IS");
    expect(findNearestCountry(-56.93, -140.85)).toBeNull();
  });
});
