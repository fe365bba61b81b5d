import { describe, expect, test } from "@jest/globals";
import { brent } from "./brent.ts";
import { exchangeRates } from "./exchangeRates.ts";
import type { Importer } from "./importer.ts";
import { worldbankGdp } from "./worldbankGdp.ts";

const now = new Date("2026-03-03T12:00:00Z");
const parserOf = (importer: Importer) => importer.createParser({ updatedAt: now, now, header: {} });

describe("worldbank-gdp", () => {
  const year = (code: string, name: string, year: number, value: string) => ({
    "Country Name": name,
    "Country Code": code,
    Year: String(year),
    Value: value,
  });

  test("gives a value for each year, and the series once", () => {
    const parse = parserOf(worldbankGdp);
    expect(parse(year("DEU", "Germany", 2008, "3.7e12"))).toMatchObject({
      indicators: [{ code: "worldbank-gdp:DEU", unit: "USD", countryCode: "DE" }],
      observations: [{ indicatorCode: "worldbank-gdp:DEU", period: "2008-01-01", value: 3.7e12 }],
      signals: [],
    });
    expect(parse(year("DEU", "Germany", 2009, "3.6e12"))).toMatchObject({ indicators: [], signals: [] });
  });

  test("tells a fall by a tenth or more of a country, by the same id however often it is read", () => {
    const readFall = () => {
      const parse = parserOf(worldbankGdp);
      parse(year("ECU", "Ecuador", 2019, "100"));
      return parse(year("ECU", "Ecuador", 2020, "87.5")).signals?.[0];
    };
    expect(readFall()).toMatchObject({
      sourceId: "ECU:2020",
      kind: "gdp-fall",
      severity: 0.5,
      countryCode: "EC",
      observedAt: new Date("2020-12-31T00:00:00Z"),
      attributes: { from: 100, to: 87.5 },
    });
    expect(readFall()?.id).toBe(readFall()?.id);
  });

  test("tells nothing across a gap, of an aggregate, or backwards", () => {
    const parse = parserOf(worldbankGdp);
    for (const record of [
      year("ECU", "Ecuador", 2010, "100"),
      year("ECU", "Ecuador", 2012, "10"),
      year("ECU", "Ecuador", 2011, "1"),
      year("WLD", "World", 2008, "100"),
      year("WLD", "World", 2009, "50"),
    ]) {
      expect(parse(record).signals).toEqual([]);
    }
    expect(parse(year("ARB", "Arab World", 2009, "50")).indicators).toMatchObject([{ countryCode: null }]);
  });

  test.each([
    ["NaN", year("DEU", "Germany", 2008, "NaN"), 'Value: expected a number; got "NaN"'],
    ["a blank value", year("DEU", "Germany", 2008, ""), "Value: expected a number"],
    ["infinity", year("DEU", "Germany", 2008, "1e999"), "Value: "],
    ["a number in another base", year("DEU", "Germany", 2008, "0x10"), "Value: expected a number"],
    ["a year that has not ended", year("DEU", "Germany", 2026, "1"), "Year: expected a moment that has come"],
    ["a year that is none", year("DEU", "Germany", 20, "1"), "Year: expected a year"],
  ])("refuses %s", (_name, record, reason) => {
    expect(() => parserOf(worldbankGdp)(record)).toThrow(reason);
  });
});

describe("exchange-rates", () => {
  const month = (country: string, date: string, rate: string) => ({
    Date: date,
    Country: country,
    "Exchange rate": rate,
  });

  test("tells a currency that falls by more than one that rises, and leaves the euro without a country", () => {
    const parse = parserOf(exchangeRates);
    expect(parse(month("Euro", "2009-01-01", "1")).indicators).toMatchObject([
      { code: "exchange-rate:euro", countryCode: null },
    ]);
    parse(month("Mexico", "2008-12-01", "10"));
    expect(parse(month("Mexico", "2009-01-01", "11")).signals).toMatchObject([
      { sourceId: "mexico:2009-01", kind: "currency-fall", countryCode: "MX", severity: 0.4 },
    ]);
    expect(parse(month("Mexico", "2009-02-01", "9.9")).signals).toMatchObject([
      { kind: "currency-rise", severity: 0.2 },
    ]);
    expect(parse(month("Mexico", "2009-03-01", "10")).signals).toEqual([]);
  });

  test.each([
    ["a rate of nothing", month("Mexico", "2009-01-01", "0"), "Exchange rate: "],
    ["a month to come", month("Mexico", "2026-04-01", "1"), "Date: expected a moment that has come"],
    ["a day that is none", month("Mexico", "2009-13-01", "1"), "Date: Invalid ISO date"],
  ])("refuses %s", (_name, record, reason) => {
    expect(() => parserOf(exchangeRates)(record)).toThrow(reason);
  });
});

describe("brent", () => {
  test("tells a move by a twentieth from one trading day to the next, over weekends but not over a month", () => {
    const parse = parserOf(brent);
    parse({ Date: "2020-03-06", Price: "45.60" });
    expect(parse({ Date: "2020-03-09", Price: "35.33" }).signals).toMatchObject([
      { sourceId: "2020-03-09", kind: "oil-price-fall", severity: 0.901, countryCode: null },
    ]);
    expect(parse({ Date: "2020-03-10", Price: "36.00" }).signals).toEqual([]);
    expect(parse({ Date: "2020-04-10", Price: "20.00" }).signals).toEqual([]);
  });

  test.each([
    [{ Date: "2020-03-06", Price: "n/a" }, 'Price: expected a number; got "n/a"'],
    [{ Date: "06/03/2020", Price: "45" }, "Date: Invalid ISO date"],
    [{ Date: "2020-03-06" }, "Price: "],
  ])("refuses %j", (record, reason) => {
    expect(() => parserOf(brent)(record)).toThrow(reason);
  });
});
