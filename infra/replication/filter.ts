/**
 * Which changes may leave for a region, as PostgreSQL itself prints the condition: the text in a publication can then
 * be compared with this one.
 */
import type { Member } from "./member.ts";

/**
 * What a publication for `to` sends: only what was written here, in this life, since others send their own. A standby gets
 * all, so null.
 */
export function publishedChanges(origin: string, to: Member): string | null {
  if (to.standbyOf !== undefined) return null;
  return `((origin = ${literal(origin)}) AND ${mayLeaveFor(to)})`;
}

export function publishedHeartbeats(origin: string): string {
  return `(origin = ${literal(origin)})`;
}

/** What `to` may read at all, whoever wrote it. */
export function mayLeaveFor({ region, holds, standbyOf }: Member): string {
  if (standbyOf !== undefined) return "true";
  return `((residency = ANY (ARRAY[${holds.map(literal).join(", ")}])) OR (${literal(region)} = ANY (share)))`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'::text`;
}
