/**
 * CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md): the envelope off, the record out.
 * What the envelope says of source, id and time holds where the data says nothing.
 */
import { type Refusal, refuse } from "./refusal.ts";

/** A record and the version of the schema that it is written in. */
export type VersionedRecord = {
  readonly kind: "record";
  readonly version: string;
  readonly record: unknown;
};

/** `io.atlas.signal.v1`: the number is the version of the schema. */
const typePattern = /^io\.atlas\.signal\.v(\d{1,4})$/;

export function isCloudEvent(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && "specversion" in value;
}

export function openCloudEvent(event: Readonly<Record<string, unknown>>): VersionedRecord | Refusal {
  const { specversion, id, source, type, time, datacontenttype, data } = event;
  if (specversion !== "1.0")
    return refuse("MALFORMED", `expected specversion "1.0"; got ${quote(specversion)}`);
  if (typeof id !== "string" || id === "")
    return refuse("MALFORMED", "expected a CloudEvent with an id; got none");
  if (typeof source !== "string" || source === "")
    return refuse("MALFORMED", "expected a CloudEvent with a source; got none");
  const version = typeof type === "string" ? typePattern.exec(type)?.[1] : undefined;
  if (version === undefined) {
    return refuse("SCHEMA_UNKNOWN", `expected a CloudEvent of type io.atlas.signal.v1; got ${quote(type)}`);
  }
  if (datacontenttype !== undefined && !/^application\/(json|.+\+json)\b/i.test(String(datacontenttype))) {
    return refuse("MALFORMED", `expected data of application/json; got ${quote(datacontenttype)}`);
  }
  const parsed = data === undefined && "data_base64" in event ? parseBase64(event.data_base64) : data;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return refuse("MALFORMED", "expected a CloudEvent whose data is a signal; got something else");
  }
  const told = {
    source: toSourceCode(source),
    sourceId: id,
    ...(typeof time === "string" ? { observedAt: time } : {}),
  };
  return { kind: "record", version, record: { ...told, ...parsed } };
}

/** A source is a URI reference; its code is the last part of the path, or the whole of a plain name. */
function toSourceCode(source: string): string {
  return (
    source
      .replace(/[?#].*$/, "")
      .replace(/\/+$/, "")
      .split("/")
      .at(-1) ?? source
  );
}

function parseBase64(value: unknown): unknown {
  try {
    return JSON.parse(Buffer.from(String(value), "base64").toString());
  } catch {
    return null;
  }
}

function quote(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 80));
}
