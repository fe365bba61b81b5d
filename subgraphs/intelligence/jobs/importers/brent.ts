/** Price of Brent crude, day by day (https://www.eia.gov/dnav/pet/hist/RBRTED.htm). */
import { z } from "zod";
import { createRows } from "./createRows.ts";
import { decimal, isoDay, toShare } from "./fields.ts";
import type { Importer, ParsedRecord, SignalRow } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";
import { type Change, createSeriesReader, gravestChange, toPercent } from "./series.ts";

const code = "eia-brent";
const rows = createRows(code);

export const brent: Importer = {
  name: "brent",
  source: {
    code,
    name: "Brent spot price",
    publisher: "US Energy Information Administration",
    domain: "ECONOMIC",
    licence: "US public domain",
    reliability: "A",
    url: "https://www.eia.gov/dnav/pet/hist/RBRTED.htm",
  },
  format: { kind: "csv", delimiter: ",", header: true, quoted: true, columns: ["Date", "Price"] },
  dated: "file",
  createParser: (file) => {
    const readSeries = createSeriesReader(isNextTradingDay);
    return (record) => parseDay(record, file, readSeries);
  },
};

const indicator = {
  code: "brent",
  name: "Brent crude, spot",
  unit: "USD/barrel",
  sourceCode: code,
  countryCode: null,
};

const schema = z.object({ Date: isoDay, Price: decimal });

function parseDay(
  record: unknown,
  { updatedAt, now }: { updatedAt: Date; now: Date },
  readSeries: ReturnType<typeof createSeriesReader>,
): ParsedRecord {
  const { Date: date, Price: price } = parseFields(schema, record);
  const day = refuseFuture("Date", date, now);
  const { indicators, observations, change } = readSeries(indicator, day, price, updatedAt);
  const isNews = change !== null && Math.abs(change.change) >= notableMove;
  return { type: "day", indicators, observations, signals: isNews ? [toSignal(change, day, updatedAt)] : [] };
}

const notableMove = 0.05;

function toSignal({ from, to, change }: Change, day: Date, updatedAt: Date): SignalRow {
  const date = day.toISOString().slice(0, 10);
  return rows.signal({
    sourceId: date,
    domain: "ECONOMIC",
    kind: change > 0 ? "oil-price-rise" : "oil-price-fall",
    title: `Brent on ${date}: ${toPercent(change)}, ${to.toFixed(2)} US$ a barrel`,
    severity: toShare(Math.abs(change) / gravestChange),
    confidence: 0.95,
    observedAt: day,
    attributes: { indicator: indicator.code, from, to, change },
    updatedAt,
  });
}

/** Weekends and holidays are no gap: London is never closed for more than five days. */
function isNextTradingDay(earlier: Date, later: Date): boolean {
  const days = (later.getTime() - earlier.getTime()) / 86_400_000;
  return days >= 1 && days <= 5;
}
