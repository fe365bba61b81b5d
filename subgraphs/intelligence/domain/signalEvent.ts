/** What the event log says of a stored signal: enough to decide who wants it before its row is loaded. */
import { z } from "zod";

const signalEvent = z.object({
  id: z.uuid(),
  tenant: z.string(),
  residency: z.string(),
  sourceCode: z.string(),
  domain: z.string(),
  countryCode: z.string().nullable(),
  severity: z.number(),
  observedAt: z.iso.datetime().transform((moment) => new Date(moment)),
});

export type SignalEvent = Readonly<z.infer<typeof signalEvent>>;

/** Null for what is no event of a signal. */
export function parseSignalEvent(value: Buffer | null): SignalEvent | null {
  const parsed = signalEvent.safeParse(parseJson(value));
  return parsed.success ? parsed.data : null;
}

function parseJson(value: Buffer | null): unknown {
  try {
    return value === null ? null : JSON.parse(value.toString());
  } catch {
    return null;
  }
}
