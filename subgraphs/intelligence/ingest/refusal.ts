/** Why a record is not stored. Reasons are for programs and dashboards and stay; docs/errors.md explains each. */
export type RefusalReason =
  | "MALFORMED"
  | "TOO_LARGE"
  | "SCHEMA_UNKNOWN"
  | "SCHEMA_MISMATCH"
  | "TEXT_UNSTORABLE"
  | "FUTURE_DATED"
  | "SOURCE_UNKNOWN"
  | "SOURCE_FLOODS"
  | "RESIDENCY_CHANGED"
  | "DATABASE_REFUSED";

export type Refusal = {
  readonly kind: "refused";
  readonly reason: RefusalReason;
  /** What was expected and what came. */
  readonly message: string;
};

export function refuse(reason: RefusalReason, message: string): Refusal {
  return { kind: "refused", reason, message };
}
