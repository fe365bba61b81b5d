/**
 * What a source sent, checked against the schema of its version (compiled once) and against what no schema can say.
 * Everything that passes can be stored; what does not gets a reason that its sender can act on.
 */
import { readFileSync } from "node:fs";
import { Ajv2020 as Ajv, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { naturalId, type ResidencyName, toResidency } from "../../shared/ids.ts";
import type { IngestSignal } from "./ingestSignal.ts";
import { type Refusal, refuse } from "./refusal.ts";

export type ParsedSignal = Refusal | { readonly kind: "signal"; readonly signal: IngestSignal };

export type ParseOptions = {
  /** The sender's: it may write no other's rows. */
  readonly tenant: string;
  readonly now: Date;
};

/** Version 1, as signal.v1.schema.json has it. */
type SignalV1 = {
  readonly source: string;
  readonly sourceId: string;
  readonly domain: string;
  readonly kind: string;
  readonly title: string;
  readonly summary?: string | null;
  readonly severity: number;
  readonly confidence: number;
  readonly marking?: string;
  readonly residency?: ResidencyName;
  readonly country?: string | null;
  readonly latitude?: number | null;
  readonly longitude?: number | null;
  readonly url?: string | null;
  readonly observedAt: string;
  readonly updatedAt?: string;
  readonly entityIds?: readonly string[];
  readonly revoked?: boolean;
  readonly attributes?: Readonly<Record<string, unknown>>;
};

/** Sources' clocks may run ahead of ours by this much; what claims to be later has not happened yet. */
const aheadMsMax = 5 * 60_000;

/** Of one record, as it is stored. */
export const recordBytesMax = 64 * 1024;

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

const validators = compileSchemas();

/** The versions of the schema that are understood. */
export const schemaVersions: readonly string[] = [...validators.keys()];

export function parseSignal(version: string, record: unknown, { tenant, now }: ParseOptions): ParsedSignal {
  const validate = validators.get(version);
  if (!validate) {
    const known = schemaVersions.join(", ");
    return refuse("SCHEMA_UNKNOWN", `expected a schema version of ${known}; got ${quote(version)}`);
  }
  if (!validate(record)) return refuse("SCHEMA_MISMATCH", describe(validate.errors?.[0]));
  const signal = toSignal(record, tenant, now);
  return findFault(signal, now) ?? { kind: "signal", signal };
}

function compileSchemas(): ReadonlyMap<string, ValidateFunction<SignalV1>> {
  // Messages alone are needed, and the first fault is enough: a hostile record must not cost more than a good one.
  const ajv = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true });
  ajv.addFormat("date-time", (text) => rfc3339.test(text) && !Number.isNaN(Date.parse(text)));
  const schema: unknown = JSON.parse(
    readFileSync(new URL("./signal.v1.schema.json", import.meta.url), "utf8"),
  );
  // The file is ours, and Ajv checks it against the metaschema.
  return new Map([["1", ajv.compile<SignalV1>(schema as object)]]);
}

function toSignal(record: SignalV1, tenant: string, now: Date): IngestSignal {
  const { source, sourceId } = record;
  return {
    id: naturalId(tenant, "signal", source, sourceId),
    tenant,
    residency: toResidency(record.residency ?? "GLOBAL"),
    sourceCode: source,
    sourceId,
    domain: record.domain,
    kind: record.kind,
    title: record.title,
    summary: record.summary ?? null,
    severity: record.severity,
    confidence: record.confidence,
    marking: record.marking ?? "GREEN",
    url: record.url ?? null,
    countryCode: record.country ?? null,
    latitude: record.latitude ?? null,
    longitude: record.longitude ?? null,
    observedAt: new Date(record.observedAt),
    updatedAt: record.updatedAt === undefined ? now : new Date(record.updatedAt),
    attributes: record.attributes ?? {},
    // The UUID of a global id; the schema has checked its form.
    entityIds: [...new Set((record.entityIds ?? []).map((id) => id.slice(-36)))],
    revoked: record.revoked ?? false,
    acceptedAt: now,
  };
}

function findFault(signal: IngestSignal, now: Date): Refusal | null {
  for (const name of ["observedAt", "updatedAt"] as const) {
    if (signal[name].getTime() > now.getTime() + aheadMsMax) {
      const came = signal[name].toISOString();
      return refuse("FUTURE_DATED", `expected ${name} not later than now, ${now.toISOString()}; got ${came}`);
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(signal));
  if (bytes > recordBytesMax) {
    return refuse("TOO_LARGE", `expected a record of at most ${recordBytesMax} bytes; got ${bytes}`);
  }
  const unstorable = findUnstorable(signal);
  return unstorable === null
    ? null
    : refuse("TEXT_UNSTORABLE", `expected texts without control characters; got U+${unstorable}`);
}

/** Line breaks and tabs are writing; NUL, escapes and half characters are not, and PostgreSQL stores no NUL. */
function findUnstorable(value: unknown): string | null {
  if (typeof value === "string") {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    const found = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]|\p{Surrogate}/u.exec(value)?.[0];
    return found === undefined ? null : found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return null;
  for (const [name, member] of Object.entries(value)) {
    const found = findUnstorable(name) ?? findUnstorable(member);
    if (found !== null) return found;
  }
  return null;
}

function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return "expected a signal";
  const place = error.instancePath === "" ? "the record" : error.instancePath.slice(1).replaceAll("/", ".");
  const allowed = error.keyword === "enum" ? `: ${error.params.allowedValues.join(", ")}` : "";
  const extra = error.keyword === "additionalProperties" ? `: ${quote(error.params.additionalProperty)}` : "";
  return `${place} ${error.message ?? "is not as expected"}${allowed}${extra}`;
}

function quote(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 80));
}
