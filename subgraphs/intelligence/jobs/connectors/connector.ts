/** What fetches a source by itself, and what one run of it needs. */
import type { Importer } from "../importers/importer.ts";
import type { ImportTarget } from "../importOpened.ts";

export type ConnectorKind =
  /** One document that is replaced now and then. */
  | "DOCUMENT"
  /** A list to which GDELT adds files. */
  | "GDELT"
  /** A collection of a TAXII 2.1 server. */
  | "TAXII";

/** Where a connector goes on. Texts as the source gave them. */
export type Progress = {
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  /** Up to where everything is stored. */
  readonly watermark?: string;
};

export type Connector = {
  readonly code: string;
  readonly kind: ConnectorKind;
  readonly url: string;
  /** Of one answer, before and after unpacking. */
  readonly bytesMax: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly watermark: string | null;
  /** Runs that failed since the last one that did not. */
  readonly failures: number;
};

export type Run = {
  readonly connector: Connector;
  readonly importer: Importer;
  readonly target: ImportTarget;
  readonly fetching: {
    readonly timeoutMs: number;
    readonly allowPrivate: boolean;
    /** Value of the header `authorization`. */
    readonly authorization: string | undefined;
  };
  /** Aborted when another process has taken over, or this one stops. */
  readonly signal: AbortSignal;
  /** Durable when it resolves. Throws LeaseLost when another process has taken over. */
  readonly save: (progress: Progress) => Promise<void>;
};

export type RunOutcome = {
  /** Rows that are new or changed. */
  readonly written: number;
  /** Whether the source has more than one run may fetch. */
  readonly hasMore: boolean;
};

export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export function headersOf({ fetching: { authorization } }: Run): Record<string, string> {
  return authorization === undefined ? {} : { authorization };
}
