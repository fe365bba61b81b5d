/** Why a database cannot be brought up to date. The message says which migration and what to do. */
export type MigrationFault =
  /** A file is not called NNNN_purpose.sql, or its number is taken or skips one. */
  | "MISNAMED"
  /** A migration that was applied has been edited since. */
  | "CHANGED"
  /** The database has a migration that these files do not have: it was used by a newer Atlas. */
  | "UNKNOWN"
  /** A statement failed; the transaction took the whole file back. */
  | "FAILED"
  /** A file ended its own transaction, so a part of it may have stayed. */
  | "HALF_APPLIED";

export class MigrationError extends Error {
  override readonly name = "MigrationError";

  constructor(
    readonly fault: MigrationFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
