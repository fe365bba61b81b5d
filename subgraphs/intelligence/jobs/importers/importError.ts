/** Why an import could not begin or broke off; docs/errors.md explains each. The text is for whoever ran it. */
export type ImportErrorCode =
  | "SOURCE_UNKNOWN"
  | "LOCATION_NOT_FOUND"
  | "LOCATION_REFUSED"
  | "FILE_TOO_LARGE"
  | "FILE_FORMAT"
  | "FILE_BROKEN";

export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly code: ImportErrorCode;

  constructor(code: ImportErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
