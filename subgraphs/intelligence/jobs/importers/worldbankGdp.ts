/** Gross domestic product by country and year (https://data.worldbank.org/indicator/NY.GDP.MKTP.CD). */
import { z } from "zod";
import { findCountryByAlpha3 } from "./countries.ts";
import { createRows } from "./createRows.ts";
import { decimal, name, toShare } from "./fields.ts";
import type { Importer, ParsedRecord, SignalRow } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";
import { type Change, createSeriesReader, gravestChange, toPercent } from "./series.ts";

const code = "worldbank-gdp";
const rows = createRows(code);

export const worldbankGdp: Importer = {
  name: "worldbank-gdp",
  source: {
    code,
    name: "Gross domestic product",
    publisher: "World Bank",
    domain: "ECONOMIC",
    licence: "CC-BY-4.0",
    reliability: "A",
    url: "https://data.worldbank.org/indicator/NY.GDP.MKTP.CD",
  },
  format: {
    kind: "csv",
    delimiter: ",",
    header: true,
    quoted: true,
    columns: ["Country Name", "Country Code", "Year", "Value"],
  },
  dated: "file",
  createParser: (file) => {
    const readSeries = createSeriesReader(
      (earlier, later) => later.getUTCFullYear() === earlier.getUTCFullYear() + 1,
    );
    return (record) => parseYear(record, file, readSeries);
  },
};

const schema = z.object({
  "Country Name": name,
  "Country Code": z.string().regex(/^[A-Z0-9]{3}$/, "expected a code of three letters"),
  Year: z
    .string()
    .regex(/^(1[89]|20)\d\d$/, "expected a year, 1800 to 2099")
    .transform(Number),
  Value: decimal.pipe(z.number().min(0)),
});

function parseYear(
  record: unknown,
  { updatedAt, now }: { updatedAt: Date; now: Date },
  readSeries: ReturnType<typeof createSeriesReader>,
): ParsedRecord {
  const {
    "Country Name": country,
    "Country Code": alpha3,
    Year: year,
    Value: value,
  } = parseFields(schema, record);
  const lastDay = refuseFuture("Year", new Date(Date.UTC(year, 11, 31)), now);
  // Null for aggregates such as World or Arab World.
  const countryCode = findCountryByAlpha3(alpha3);
  const { indicators, observations, change } = readSeries(
    { code: `${code}:${alpha3}`, name: `GDP of ${country}`, unit: "USD", sourceCode: code, countryCode },
    new Date(Date.UTC(year, 0, 1)),
    value,
    updatedAt,
  );
  const isNews = countryCode !== null && change !== null && change.change <= -notableFall;
  const signals = isNews
    ? [toSignal(change, { country, alpha3, countryCode, year, lastDay, updatedAt })]
    : [];
  return { type: "year", indicators, observations, signals };
}

/** In current US$ a part of that is often the exchange rate; a tenth in one year is felt either way. */
const notableFall = 0.1;

type Year = {
  readonly country: string;
  readonly alpha3: string;
  readonly countryCode: string;
  readonly year: number;
  readonly lastDay: Date;
  readonly updatedAt: Date;
};

function toSignal(
  { from, to, change }: Change,
  { country, alpha3, countryCode, year, lastDay, updatedAt }: Year,
): SignalRow {
  return rows.signal({
    sourceId: `${alpha3}:${year}`,
    domain: "ECONOMIC",
    kind: "gdp-fall",
    title: `GDP of ${country} in ${year}: ${toPercent(change)} in current US$`,
    severity: toShare(-change / gravestChange),
    confidence: 0.9,
    url: `https://data.worldbank.org/indicator/NY.GDP.MKTP.CD?locations=${countryCode}`,
    countryCode,
    observedAt: lastDay,
    attributes: { indicator: `${code}:${alpha3}`, from, to, change },
    updatedAt,
  });
}
