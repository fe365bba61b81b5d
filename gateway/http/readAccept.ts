/** What a client can read, from its Accept header. Clients send few different ones, so what they mean is remembered. */
import type { DeferredForm } from "../subscriptions/deferredPayloads.ts";
import { acceptsMultipart, negotiateDeferred } from "../subscriptions/multipart.ts";
import { type MediaType, negotiateMediaType } from "./negotiateMediaType.ts";

export type Accepted = {
  /** Subscriptions as multipart. */
  readonly isMultipart: boolean;
  /** How deferred parts may come; undefined when they may not. */
  readonly deferredForm: DeferredForm | undefined;
  /** Of the answer; undefined when nothing of ours is accepted. */
  readonly accepted: MediaType | undefined;
};

/** A client that sends ever new ones must not fill the memory; neither with many nor with long ones. */
const keptMax = 256;
const keptCharsMax = 512;

const known = new Map<string, Accepted>();

export function readAccept(header: string | undefined): Accepted {
  const text = header ?? "";
  const found = known.get(text);
  if (found) return found;
  const read = negotiate(header);
  if (known.size < keptMax && text.length <= keptCharsMax) known.set(text, read);
  return read;
}

function negotiate(header: string | undefined): Accepted {
  const isMultipart = acceptsMultipart(header);
  const deferredForm = negotiateDeferred(header);
  const isReadable = isMultipart || deferredForm !== undefined;
  const accepted = negotiateMediaType(header) ?? (isReadable ? "application/json" : undefined);
  return { isMultipart, deferredForm, accepted };
}
