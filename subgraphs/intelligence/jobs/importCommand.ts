/**
 * `npm run import -- <source> <file|url> [--allow-private]`. Exit code 0 when the file was read to its end, 1 when it
 * broke off or the database failed, 2 when nothing was begun.
 */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { openImportDb } from "../db/imports.ts";
import { type ImportConfig, parseImportConfig } from "./importers/config.ts";
import { ImportError } from "./importers/importError.ts";
import { importers } from "./importers/importers.ts";
import type { ImportSummary } from "./importOpened.ts";
import { importSource } from "./importSource.ts";

process.exitCode = await runImport(process.argv.slice(2));

async function runImport(args: string[]): Promise<number> {
  const wanted = readArguments(args);
  if (typeof wanted === "string") return refuse(wanted);
  const config = readConfig();
  if (typeof config === "string") return refuse(config);
  const db = openImportDb({ url: config.databaseUrl, applicationName: "atlas-import", connectionsMax: 2 });
  try {
    const summary = await importSource({
      ...wanted,
      db,
      // Standard output is for the summary.
      log: pino({ level: config.logLevel, base: null }, pino.destination(2)),
      regionCode: config.region,
      now: new Date(),
      open: { allowPrivate: wanted.allowPrivate },
    });
    process.stdout.write(describeSummary(summary));
    if (summary.failure === null) return 0;
    process.stderr.write(`The import broke off: ${summary.failure}. What came before is stored.\n`);
    return 1;
  } catch (error) {
    if (error instanceof ImportError) return refuse(error.message);
    process.stderr.write(`The import failed: ${describeFault(error)}\n`);
    return 1;
  } finally {
    await db.close();
  }
}

type Wanted = { readonly source: string; readonly location: string; readonly allowPrivate: boolean };

function readArguments(args: string[]): Wanted | string {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { "allow-private": { type: "boolean", default: false } },
    });
    const [source, location] = positionals;
    if (source === undefined || location === undefined || positionals.length > 2) return usage();
    return { source, location, allowPrivate: values["allow-private"] };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage()}`;
  }
}

function usage(): string {
  const sources = importers.map(
    ({ name, source }) => `  ${name.padEnd(16)} ${source.name}, ${source.publisher}`,
  );
  return `expected: npm run import -- <source> <file|url> [--allow-private]\nSources:\n${sources.join("\n")}`;
}

function readConfig(): ImportConfig | string {
  try {
    return parseImportConfig(process.env);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function refuse(message: string): number {
  process.stderr.write(`Nothing was imported: ${message}\n`);
  return 2;
}

/** Prisma puts what it was asked above what went wrong; the last line is for people. */
function describeFault(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}

function describeSummary({
  read,
  written,
  unchanged,
  quarantined,
  destinations,
  quarantine,
}: ImportSummary): string {
  const lines = [`read ${read}, written ${written}, unchanged ${unchanged}, quarantined ${quarantined}`];
  if (destinations.length > 1) {
    lines.push("", "where each went:");
    for (const { count, type, tables } of destinations) {
      lines.push(`${String(count).padStart(7)}  ${type} → ${tables}`);
    }
  }
  if (quarantined > 0) {
    lines.push("", "quarantined:", ...quarantine.map(({ location, reason }) => `  ${location}: ${reason}`));
    if (quarantined > quarantine.length) {
      lines.push(`  … ${quarantined - quarantine.length} more, in intelligence.quarantined_record`);
    }
  }
  return `${lines.join("\n")}\n`;
}
