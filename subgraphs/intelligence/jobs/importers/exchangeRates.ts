/** What a US dollar costs in other currencies, month by month (https://www.federalreserve.gov/releases/g5/). */
import { z } from "zod";
import { findCountryByName } from "./countries.ts";
import { createRows } from "./createRows.ts";
import { decimal, isoDay, name, toShare, toSlug } from "./fields.ts";
import type { Importer, ParsedRecord, SignalRow } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";
import { type Change, createSeriesReader, gravestChange, toPercent } from "./series.ts";

const code = "fed-exchange-rates";
const rows = createRows(code);

export const exchangeRates: Importer = {
  name: "exchange-rates",
  source: {
    code,
    name: "Foreign exchange rates",
    publisher: "Board of Governors of the Federal Reserve System",
    domain: "ECONOMIC",
    licence: "US public domain",
    reliability: "A",
    url: "https://www.federalreserve.gov/releases/g5/",
  },
  format: {
    kind: "csv",
    delimiter: ",",
    header: true,
    quoted: true,
    columns: ["Date", "Country", "Exchange rate"],
  },
  dated: "file",
  createParser: (file) => {
    const readSeries = createSeriesReader((earlier, later) => monthOf(later) === monthOf(earlier) + 1);
    return (record) => parseMonth(record, file, readSeries);
  },
};

const schema = z.object({
  Date: isoDay,
  Country: name,
  "Exchange rate": decimal.pipe(z.number().positive()),
});

function parseMonth(
  record: unknown,
  { updatedAt, now }: { updatedAt: Date; now: Date },
  readSeries: ReturnType<typeof createSeriesReader>,
): ParsedRecord {
  const { Date: day, Country: country, "Exchange rate": rate } = parseFields(schema, record);
  const month = refuseFuture("Date", day, now);
  const indicator = {
    code: `exchange-rate:${toSlug(country)}`,
    name: `US dollar in the currency of ${country === "Euro" ? "the euro area" : country}`,
    unit: "local currency/USD",
    sourceCode: code,
    // Null for the euro, which is the money of many.
    countryCode: findCountryByName(country),
  };
  const { indicators, observations, change } = readSeries(indicator, month, rate, updatedAt);
  const isNews = change !== null && Math.abs(change.change) >= notableMove;
  const signals = isNews ? [toSignal(change, { country, indicator, month, updatedAt })] : [];
  return { type: "month", indicators, observations, signals };
}

const notableMove = 0.05;

type Month = {
  readonly country: string;
  readonly indicator: { readonly code: string; readonly countryCode: string | null };
  readonly month: Date;
  readonly updatedAt: Date;
};

/** More units for a dollar is a weaker currency. A currency that rises hurts exports only, so it counts half. */
function toSignal({ from, to, change }: Change, { country, indicator, month, updatedAt }: Month): SignalRow {
  const falls = change > 0;
  const period = month.toISOString().slice(0, 7);
  return rows.signal({
    sourceId: `${toSlug(country)}:${period}`,
    domain: "ECONOMIC",
    kind: falls ? "currency-fall" : "currency-rise",
    title: `Currency of ${country} in ${period}: a US dollar costs ${toPercent(change)}`,
    severity: toShare((Math.abs(change) / gravestChange) * (falls ? 1 : 0.5)),
    confidence: 0.95,
    countryCode: indicator.countryCode,
    observedAt: month,
    attributes: { indicator: indicator.code, from, to, change },
    updatedAt,
  });
}

function monthOf(date: Date): number {
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
