/** Whether an operator's order can be taken, before it is put on record. */
import type { OrderKind, RegionStatus } from "./judgeRegion.ts";

export type OrderRefusal = {
  readonly reason: "REGION_ALONE" | "REGION_UNKNOWN" | "LAST_REGION";
  readonly message: string;
};

/** Null when it can. `regions` null: the region that was asked has joined no others. */
export function refuseOrder(
  kind: OrderKind,
  code: string,
  regions: readonly { readonly code: string; readonly status: RegionStatus }[] | null,
): OrderRefusal | null {
  if (regions === null)
    return { reason: "REGION_ALONE", message: "expected a region that has joined others; this one is alone" };
  if (!regions.some((one) => one.code === code)) {
    const known = regions.map((one) => one.code).join(", ");
    return { reason: "REGION_UNKNOWN", message: `expected one of ${known}; got ${JSON.stringify(code)}` };
  }
  const isServedElsewhere = regions.some((one) => one.code !== code && one.status === "SERVING");
  if (kind !== "REJOIN" && !isServedElsewhere)
    return { reason: "LAST_REGION", message: `expected another region to serve; without ${code} none would` };
  return null;
}
