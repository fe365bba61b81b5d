/** An outcome in words: what stands beside a field in the editor, and in the panel. */
import type { Explanation, FieldAccess, TypeAccess } from "./explanation.ts";
import type { Mark } from "./toMarks.ts";

export type MarkKind = "denied" | "filtered" | "allowed";

export function kindOf({ fields, types }: Mark): MarkKind {
  if (fields.some(({ allowed }) => !allowed)) return "denied";
  return types.some(({ lists }) => lists !== "ALL") ? "filtered" : "allowed";
}

/** Short enough for the end of a line; undefined where there is nothing to know. */
export function noteOf(mark: Mark): string | undefined {
  const denied = mark.fields.find(({ allowed }) => !allowed);
  if (denied) return `✕ ${denied.rule || denied.reason}`;
  const filtered = mark.types.find(({ lists }) => lists !== "ALL");
  if (filtered) return `${filtered.lists === "NONE" ? "∅" : "◐"} ${filtered.rule}`;
  return undefined;
}

export function explainField({ allowed, demands, reason, rule }: FieldAccess): string {
  const asked =
    demands.length > 0 ? `the schema asks for ${demands.join(" and ")}` : "the schema asks for nothing here";
  return allowed ? `Allowed; ${asked}.` : `Denied by ${rule || "no rule"} (${reason}); ${asked}.`;
}

export function explainType({ type, lists, rule, rules }: TypeAccess): string {
  const guarded = `Rows of ${type} are decided by ${rules.join(", ")}.`;
  if (lists === "ALL") return `${guarded} Lists have all of them.`;
  if (lists === "NONE") return `${guarded} Lists have none: ${rule}.`;
  return `${guarded} Lists have those that meet a condition: ${rule} is the first to leave some out.`;
}

/** Who asks, as rules know them. */
export function describeCaller({
  anonymous,
  roles,
  clearance,
  purpose,
  region,
}: Explanation["caller"]): string {
  if (anonymous) return "anonymous: no token in the Headers tab";
  const role = roles.length > 0 ? roles.join(", ") : "no role";
  return `${role} · clearance ${clearance} · ${purpose ? `purpose ${purpose}` : "no purpose"} · ${region}`;
}
