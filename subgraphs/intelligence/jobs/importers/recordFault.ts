/** A record that cannot be imported; the text says what was expected and what came, and goes to the quarantine. */
import type { z } from "zod";

export class RecordFault extends Error {
  override readonly name = "RecordFault";
}

/** The record in the form of the schema. Throws a RecordFault that names every faulty field. */
export function parseFields<Schema extends z.ZodType>(schema: Schema, record: unknown): z.output<Schema> {
  const parsed = schema.safeParse(record);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new RecordFault(faults.join("; ").slice(0, reasonLengthMax));
}

/** A record that is wrong everywhere has a long list of faults; the first ones tell enough. */
const reasonLengthMax = 1_000;

/**
 * The moment, unless it has not come yet. A stamp in the future would win over every later correction. One day of
 * grace covers clocks and time zones.
 */
export function refuseFuture(field: string, moment: Date, now: Date): Date {
  if (moment.getTime() <= now.getTime() + dayMs) return moment;
  throw new RecordFault(
    `${field}: expected a moment that has come, ${now.toISOString()} at the latest; got ${moment.toISOString()}`,
  );
}

const dayMs = 86_400_000;
