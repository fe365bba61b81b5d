/**
 * Whether any row of a type and a residency may be seen by the caller, by the conditions that the policy granted for this
 * operation. What they say of other attributes is taken as met: conditions have no negation, so what is impossible even then is
 * impossible. So nothing is asked of a region whose rows the caller could not see anyway, and none of them leaves it.
 */
export type Filter = "all" | "none" | Readonly<Record<string, unknown>>;

/** `type` in lower case, as ids have it. A type that the policy says nothing of may not cross, unless it guards no type at all. */
export function mayCross(
  filters: Readonly<Record<string, Filter>>,
  { type, residency }: { readonly type: string; readonly residency: string },
): boolean {
  const names = Object.keys(filters);
  if (names.length === 0) return true;
  const name = names.find((one) => one.toLowerCase() === type);
  const filter = name === undefined ? "none" : filters[name];
  if (filter === "all") return true;
  return typeof filter === "object" && couldHold(filter, residency.toUpperCase());
}

/** Fails closed: what it does not know holds for no row. */
function couldHold(part: unknown, residency: string): boolean {
  if (!isRecord(part)) return false;
  const { type, operator, field, value } = part;
  if (type === "compound") {
    if (!Array.isArray(value) || value.length === 0) return false;
    if (operator === "and") return value.every((inner) => couldHold(inner, residency));
    return operator === "or" && value.some((inner) => couldHold(inner, residency));
  }
  if (type !== "field" || typeof field !== "string") return false;
  if (field !== "residency") return true;
  if (operator === "in") return Array.isArray(value) && value.includes(residency);
  return operator === "eq" && value === residency;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
