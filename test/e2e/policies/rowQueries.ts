/** How a row of each type is read over the graph, by whom it can be, and what a mask must have done to it. */
import type { CallerFacts } from "../../../policies/runtime/facts.ts";

export type RowQuery = {
  /** Of the field that answers the row, with `$id`. */
  readonly query: string;
  /** The row in the answer's data; null when it is not there. */
  readonly read: (data: unknown) => Readonly<Record<string, unknown>> | null;
  /** Whether the rules on fields let this caller ask at all. */
  readonly isOpenTo: (caller: CallerFacts) => boolean;
  /** Values as they are stored, of the fields that rules mask. */
  readonly stored: Readonly<Record<string, unknown>>;
};

const hasRole =
  (...roles: readonly string[]) =>
  (caller: CallerFacts) =>
    caller.kind === "identified" && caller.roles.some((role) => roles.includes(role));
const analysts = hasRole("analyst", "administrator", "mobile_user");
const officers = hasRole("compliance_officer", "administrator");

const at =
  (...path: readonly string[]) =>
  (data: unknown) =>
    path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | null)?.[key] ?? null,
      data,
    ) as ReturnType<RowQuery["read"]>;

export const rowQueries: Readonly<Record<string, RowQuery>> = {
  RiskAssessment: {
    query: "query ($id: ID!) { riskAssessment(id: $id) { title } }",
    read: at("riskAssessment"),
    isOpenTo: analysts,
    stored: {},
  },
  Scenario: {
    query: "query ($id: ID!) { scenario(id: $id) { name } }",
    read: at("scenario"),
    isOpenTo: analysts,
    stored: {},
  },
  DataSubject: {
    query: "query ($id: ID!) { dataSubject(id: $id) { pseudonym } }",
    read: at("dataSubject"),
    isOpenTo: officers,
    stored: {},
  },
  User: {
    query: "query ($id: ID!) { riskAssessment(id: $id) { author { displayName } } }",
    read: at("riskAssessment", "author"),
    isOpenTo: analysts,
    stored: { displayName: "Ada Analyst" },
  },
  Signal: {
    query: "query ($id: ID!) { signal(id: $id) { latitude longitude source { code } sourceId url } }",
    read: at("signal"),
    isOpenTo: analysts,
    stored: { latitude: 12.345, longitude: -98.765 },
  },
};

/** What stands in place of a value that is masked, as a client can tell. */
export function isMasked(as: string, value: unknown, stored: unknown): boolean {
  if (value === null) return true;
  switch (as) {
    case "hash":
      return /^[0-9a-f]{16}$/.test(String(value));
    case "partial":
      return value === "A… A…";
    case "generalise":
      return Number.isInteger(value) && value !== stored;
    default:
      return value === "[redacted]";
  }
}
