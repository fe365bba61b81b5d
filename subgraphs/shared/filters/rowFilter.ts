/** What a caller may see of the rows of one type: all, none, or those that meet a condition. */
import type { CallerContext } from "../verifyContext.ts";
import { type Condition, parseCondition } from "./parseCondition.ts";

export type RowFilter =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | { readonly kind: "some"; readonly condition: Condition };

/** Whose rows a query may answer: those of the tenant, as far as policies let the caller see them. */
export type Reader = Pick<CallerContext, "tenant" | "filters">;

/** A type that the gateway says nothing about shows nothing. Throws CONTEXT_REFUSED for what is not understood. */
export function findRowFilter({ filters }: Reader, type: string): RowFilter {
  const filter = Object.hasOwn(filters, type) ? filters[type] : "none";
  if (filter === "all" || filter === "none") return { kind: filter };
  return { kind: "some", condition: parseCondition(filter, type) };
}
