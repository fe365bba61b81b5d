/**
 * Learning tasks out of real files in ../shared/data (see its README for sources and terms). Each series of numbers becomes
 * examples of one kind: does the next value rise? What answers that differs by domain: exchange rates go on as they went,
 * magnitudes of earthquakes and deaths by disasters turn back, GDP mostly rises. So a stream over domains drifts.
 */
import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import type { Sample } from "../../../subgraphs/ml/domain/models/trainable.ts";

export type Task = {
  readonly name: string;
  /** In order of time within each series. */
  readonly training: readonly Sample[];
  /** The last fifth of each series, never learned from. */
  readonly holdOut: readonly Sample[];
};

type Series = { readonly name: string; readonly values: readonly number[] };

export const inputs = 5;

/** One task for each domain, at most `limit` examples to learn from each. */
export async function readDomains(folder: URL, limit: number): Promise<readonly Task[]> {
  const domains: readonly (readonly [string, readonly Series[]])[] = [
    ["exchange rates", await readExchangeRates(folder)],
    ["earthquakes", await readEarthquakes(folder)],
    ["GDP", await readCsvSeries(new URL("worldbank-gdp.csv", folder), "Country Code", "Value")],
    ["disasters", await readCsvSeries(new URL("disasters.csv", folder), "Entity", "Deaths", 1)],
  ];
  return domains.map(([name, series]) => {
    const task = toTask(name, series);
    return { ...task, training: thin(task.training, limit), holdOut: thin(task.holdOut, limit / 4) };
  });
}

/** One task for each country whose exchange rate is known for long enough. */
export async function readCountries(folder: URL): Promise<readonly Task[]> {
  const series = await readExchangeRates(folder);
  return series.map((one) => toTask(one.name, [one])).filter(({ training }) => training.length >= 200);
}

function readExchangeRates(folder: URL): Promise<Series[]> {
  return readCsvSeries(new URL("exchange-rates-monthly.csv", folder), "Country", "Exchange rate");
}

const earthquakes = z.object({
  features: z.array(z.object({ properties: z.object({ mag: z.number().nullable(), time: z.number() }) })),
});

async function readEarthquakes(folder: URL): Promise<Series[]> {
  const text = await readFile(new URL("usgs-earthquakes.json", folder), "utf8");
  const ordered = earthquakes
    .parse(JSON.parse(text))
    .features.map(({ properties }) => properties)
    .sort((a, b) => a.time - b.time);
  // Magnitudes go below 0; moved up, they have logarithms.
  return [{ name: "all", values: ordered.map(({ mag }) => 3 + Math.max(-1, mag ?? 0)) }];
}

async function readCsvSeries(file: URL, key: string, value: string, offset = 0): Promise<Series[]> {
  const rows = z
    .array(z.record(z.string(), z.string()))
    .parse(parse(await readFile(file, "utf8"), { columns: true }));
  const series = new Map<string, number[]>();
  for (const row of rows) {
    const number = Number(row[value]) + offset;
    // Gaps in these files are real.
    if (!row[value] || !(number > 0)) continue;
    const name = row[key] ?? "";
    series.set(name, [...(series.get(name) ?? []), number]);
  }
  return [...series].map(([name, values]) => ({ name, values }));
}

function toTask(name: string, series: readonly Series[]): Task {
  const split = series.map(({ values }) => {
    const samples = toSamples(values);
    const kept = Math.floor(samples.length * 0.8);
    return { training: samples.slice(0, kept), holdOut: samples.slice(kept) };
  });
  return {
    name,
    training: split.flatMap(({ training }) => training),
    holdOut: split.flatMap(({ holdOut }) => holdOut),
  };
}

const history = 6;

/** The last three changes and the trend in units of the usual change, and how large a usual change is. */
function toSamples(values: readonly number[]): Sample[] {
  const changes = values.slice(1).map((value, at) => Math.log(value / (values[at] ?? value)));
  return changes.slice(history).flatMap((change, at) => {
    if (change === 0) return [];
    const past = changes.slice(at, at + history);
    const mean = past.reduce((sum, one) => sum + one, 0) / history;
    const deviation = Math.sqrt(past.reduce((sum, one) => sum + (one - mean) ** 2, 0) / history);
    const scaled = [...past.slice(-3), mean].map((one) => clip(one / (deviation + 1e-6)));
    return [
      { input: Float32Array.of(...scaled, Math.log10(deviation + 1e-4) + 2), label: change > 0 ? 1 : 0 },
    ];
  });
}

function clip(value: number): number {
  return Math.max(-3, Math.min(3, value));
}

/** Every n-th, so that what is left spans the whole time. */
function thin<Item>(items: readonly Item[], limit: number): Item[] {
  const step = Math.max(1, items.length / limit);
  return Array.from(
    { length: Math.min(items.length, Math.floor(limit)) },
    (_, at) => items[Math.floor(at * step)],
  ).flatMap((item) => (item === undefined ? [] : [item]));
}
