/** What a gateway knows when it asks a policy, and the part of it that rules read: the key by which decisions are shared. */

export type CallerFacts = {
  readonly kind: "anonymous" | "identified";
  readonly subject: string | null;
  readonly tenant: string | null;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Traffic Light Protocol, from `clear` to `red`. */
  readonly clearance: string;
  readonly purpose: string | null;
  readonly region: string;
  readonly jurisdiction: string;
  /** Other claims of the token, by name. */
  readonly claims: Readonly<Record<string, unknown>>;
};

export type PolicyProfile = "local" | "production";

export type PolicyFacts = {
  readonly caller: CallerFacts;
  /** In UTC: days since 1970, 0 to 23, and `monday` to `sunday`. Coarse, so that decisions can be shared. */
  readonly time: { readonly day: number; readonly hour: number; readonly weekday: string };
  readonly environment: { readonly profile: PolicyProfile; readonly region: string };
};

/** The facts that were selected, nested as they were, and a text that is equal for equal ones. */
export type SelectedFacts = { readonly facts: Readonly<Record<string, unknown>>; readonly key: string };

/** `reads` as rules declare them; what is not a fact of this kind (`operation.…`, `variables`) is left to who asks. */
export function selectFacts(facts: PolicyFacts, reads: readonly string[]): SelectedFacts {
  const selected: Record<string, Record<string, unknown>> = { caller: {}, time: {}, environment: {} };
  for (const path of [...reads].sort()) {
    const [part = "", name = "", claim] = path.split(".");
    const group = selected[part];
    if (!group) continue;
    if (claim === undefined) group[name] = ordered(factOf(facts, part, name));
    else group.claims = { ...asRecord(group.claims), [claim]: facts.caller.claims[claim] ?? null };
  }
  return { facts: selected, key: JSON.stringify(selected) };
}

const weekdays = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];

/** Of a moment in milliseconds since 1970, which was a Thursday. */
export function toTimeFacts(now: number): PolicyFacts["time"] {
  const day = Math.floor(now / 86_400_000);
  return { day, hour: Math.floor(now / 3_600_000) % 24, weekday: weekdays[day % 7] ?? "" };
}

function factOf(facts: PolicyFacts, part: string, name: string): unknown {
  const group = part === "caller" ? facts.caller : part === "time" ? facts.time : facts.environment;
  return asRecord(group)[name] ?? null;
}

/** So that the order of claims does not make callers differ. */
function ordered(value: unknown): unknown {
  return Array.isArray(value) ? [...value].sort() : value;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
