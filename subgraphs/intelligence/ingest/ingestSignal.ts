/** A signal on its way from a source to the table: what the outbox and the topics `ingest.<residency>.v1` carry. */
import { z } from "zod";
import { residencies } from "../../shared/ids.ts";

const moment = z.iso.datetime().transform((text) => new Date(text));
const nullable = z.string().nullable();

const ingestSignal = z.object({
  id: z.uuid(),
  tenant: z.string(),
  residency: z.enum(residencies),
  sourceCode: z.string(),
  sourceId: z.string(),
  domain: z.string(),
  kind: z.string(),
  title: z.string(),
  summary: nullable,
  severity: z.number(),
  confidence: z.number(),
  marking: z.string(),
  url: nullable,
  countryCode: nullable,
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  observedAt: moment,
  updatedAt: moment,
  attributes: z.record(z.string(), z.unknown()),
  entityIds: z.array(z.uuid()),
  revoked: z.boolean(),
  /** When it was durably accepted, for the time that it takes to be queryable. */
  acceptedAt: moment,
});

export type IngestSignal = Readonly<z.output<typeof ingestSignal>>;

/** Null for what is no signal: somebody else wrote it, or a program of another version. */
export function parseIngestSignal(value: Buffer | null): IngestSignal | null {
  try {
    const parsed = ingestSignal.safeParse(JSON.parse(String(value)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** What belongs together is worked on in order: the records of one entity, else of one country, else of one source. */
export function toKey({ residency, entityIds, countryCode, sourceCode }: IngestSignal): string {
  return `${residency}|${entityIds[0] ?? countryCode ?? sourceCode}`;
}
