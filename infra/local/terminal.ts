/** What the person who started Atlas sees: steps with their time, and what goes wrong in a part, under its name. */
import { mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { state } from "./state.ts";

export async function timed<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  const result = await work();
  console.error(`${name.padEnd(34)}${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

export function say(part: string, text: string): void {
  console.error(`${part}: ${text}`);
}

const logBytesMax = 16 * 1024 * 1024;

/** Path of a part's log; one that has grown too long is put aside, in place of the one that was before. */
export function logFileOf(part: string): string {
  mkdirSync(state.logs, { recursive: true });
  const file = join(state.logs, `${part}.log`);
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > logBytesMax) renameSync(file, `${file}.1`);
  return file;
}

/** The text of a log line that a person should see now: warnings and worse, and what is no log event at all. */
export function findTrouble(line: string): string | undefined {
  const event = parseEvent(line);
  if (event !== undefined) {
    return levelsOfTrouble.has(event.level) ? `${event.msg}${detailOf(event)}` : undefined;
  }
  // PostgreSQL's ERROR is a statement that failed, which whoever sent it deals with.
  if (/^\d{4}-\d\d-\d\d .*\b(LOG|WARNING|ERROR|DETAIL|HINT|STATEMENT|CONTEXT|NOTICE): /.test(line)) {
    return undefined;
  }
  if (isOfEachConnection(line)) return undefined;
  return line.trim() === "" ? undefined : line;
}

/** What PostgreSQL repeats for each connection while it falls and rises; that it does is said once, by the launcher. */
function isOfEachConnection(line: string): boolean {
  return /FATAL: {2}(the database system is (starting up|not yet accepting connections)|terminating connection due to unexpected postmaster exit)/.test(
    line,
  );
}

/** Pino writes levels as numbers, unless it is told to write their names. */
const levelsOfTrouble: ReadonlySet<unknown> = new Set([40, 50, 60, "warn", "error", "fatal"]);

type LogEvent = { readonly level: unknown; readonly msg: string } & Readonly<Record<string, unknown>>;

function parseEvent(line: string): LogEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const event = JSON.parse(line);
    return typeof event.msg === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

function detailOf({ err, error, code, subgraph }: LogEvent): string {
  const fault = err ?? error;
  const text = typeof fault === "object" && fault !== null && "message" in fault ? fault.message : fault;
  const details = [subgraph, code, text].filter((detail) => typeof detail === "string");
  return details.length > 0 ? ` (${details.join(", ")})` : "";
}
