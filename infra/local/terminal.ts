/** What the person who started Atlas sees: steps with their time, and what goes wrong in a part, under its name. */
import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
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

/** Takes a part's output: every line to .atlas/logs/<name>.log, warnings and worse to the terminal as well. */
export function openLog(name: string, isQuiet: () => boolean): (line: string) => void {
  const file = openFile(name);
  return (line) => {
    file.write(`${line}\n`);
    const text = worthSaying(line);
    if (text !== undefined && !isQuiet()) say(name, text);
  };
}

function openFile(name: string): WriteStream {
  mkdirSync(state.logs, { recursive: true });
  return createWriteStream(join(state.logs, `${name}.log`), { flags: "a" });
}

/** Pino writes levels as numbers, unless it is told to write their names. */
const levelsWorthSaying: ReadonlySet<unknown> = new Set([40, 50, 60, "warn", "error", "fatal"]);

function worthSaying(line: string): string | undefined {
  const event = parseEvent(line);
  if (event !== undefined)
    return levelsWorthSaying.has(event.level) ? `${event.msg}${detailOf(event)}` : undefined;
  // PostgreSQL's ERROR is a statement that failed, which whoever sent it deals with.
  if (/^\d{4}-\d\d-\d\d .*\b(LOG|WARNING|ERROR|DETAIL|HINT|STATEMENT|CONTEXT|NOTICE): /.test(line))
    return undefined;
  return line.trim() === "" ? undefined : line;
}

type LogEvent = { readonly level: number | string; readonly msg: string } & Readonly<Record<string, unknown>>;

function parseEvent(line: string): LogEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const event = JSON.parse(line);
    return "level" in event && typeof event.msg === "string" ? event : undefined;
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
