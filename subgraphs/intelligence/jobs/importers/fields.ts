/** Forms of fields that several sources share. Cells of tables are texts, so numbers and dates are read from texts. */
import { z } from "zod";

/** Longer names would not fit an index of PostgreSQL, and no source has them. */
export const nameLengthMax = 500;
export const summaryLengthMax = 20_000;

export const name = text(nameLengthMax);

/** An id of the source's own. */
export const ownId = text(200);

export function text(lengthMax: number) {
  return z
    .string()
    .trim()
    .min(1, "expected a text; got a blank one")
    .max(lengthMax, {
      error: ({ input }) => `expected at most ${lengthMax} characters; got ${String(input).length}`,
    });
}

/** A cell; null when blank or not there. */
export function blankable<Schema extends z.ZodType<unknown, string>>(schema: Schema) {
  return z.preprocess(
    (cell) => (cell === undefined || (typeof cell === "string" && cell.trim() === "") ? null : cell),
    schema.nullable(),
  );
}

/** A cell with a decimal number. `Number("")` is 0 and `Number("0x10")` is 16, so the form is checked first. */
export const decimal = z
  .string()
  .trim()
  .regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, {
    error: ({ input }) => `expected a number; got ${quote(input)}`,
  })
  .transform(Number)
  .pipe(z.number());

export const latitude = z.number().min(-90).max(90);
export const longitude = z.number().min(-180).max(180);

/** `2026-03-03`, a day of the calendar; its first moment in UTC. */
export const isoDay = z.iso.date().transform((day) => new Date(`${day}T00:00:00.000Z`));

/** ISO 8601 with offset. */
export const isoMoment = z.iso.datetime({ offset: true }).transform((moment) => new Date(moment));

/** `20260303` or `20260303140000`, as GDELT writes them, in UTC. */
export const compactMoment = z
  .string()
  .regex(/^\d{8}(\d{6})?$/, {
    error: ({ input }) => `expected YYYYMMDD or YYYYMMDDHHMMSS; got ${quote(input)}`,
  })
  .transform((digits) => digits.padEnd(14, "0").replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6Z"))
  .pipe(isoMoment);

/** The address when a browser may follow it; null otherwise, so that `javascript:` reaches no screen. */
export function toWebUrl(url: string | null | undefined): string | null {
  if (!url || !URL.canParse(url)) return null;
  return /^https?:$/.test(new URL(url).protocol) ? url : null;
}

/** At most 300 characters, as the graph promises of titles; no half character at the end. */
export function toTitle(title: string): string {
  const characters = Array.from(title);
  return characters.length <= 300 ? title : `${characters.slice(0, 299).join("")}…`;
}

/** `Quarry Blast` as `quarry-blast`. */
export function toSlug(words: string): string {
  return words
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 64);
}

/** From 0 to 1, three decimals: more would claim a precision that no source has. */
export function toShare(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}

function quote(value: unknown): string {
  return JSON.stringify(typeof value === "string" ? value.slice(0, 80) : value) ?? "nothing";
}
