/** Why an import could not begin or broke off; docs/errors.md explains each. The text is for whoever ran it. */
export type ImportErrorCode =
  | "SOURCE_UNKNOWN"
  | "LOCATION_NOT_FOUND"
  | "LOCATION_REFUSED"
  | "SOURCE_BUSY"
  | "FILE_TOO_LARGE"
  | "FILE_FORMAT"
  | "FILE_BROKEN";

export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly code: ImportErrorCode;
  /** How long a source that is busy wants to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ImportErrorCode,
    message: string,
    { retryAfterMs = null, ...options }: { cause?: unknown; retryAfterMs?: number | null } = {},
  ) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
