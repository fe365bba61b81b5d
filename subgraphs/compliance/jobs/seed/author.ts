import { createHash } from "node:crypto";

/** Every row that the seed invents belongs to the demonstration tenant and names this author or calls itself an example. */
export const tenant = "acme";
export const author = "seeded generator 1";

export const dayMs = 86_400_000;

export function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * dayMs);
}

export function sha256(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
