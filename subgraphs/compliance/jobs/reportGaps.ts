/** Puts gaps of the record where people look: a violation for each tenant that has decisions on record. */
import { naturalId } from "../../shared/ids.ts";
import type { Queries } from "../db.ts";
import { controls } from "../domain/controls.ts";
import { accountability, type SilentOrGap, toGapViolation } from "../domain/gapViolation.ts";

/** Nobody knows whose decisions are missing, so everybody who has some is told. One that was resolved is open again. */
export async function reportGaps(
  queries: Queries,
  chain: { readonly id: string; readonly regionCode: string },
  gaps: readonly SilentOrGap[],
  now: Date,
): Promise<void> {
  const gap = gaps.at(-1);
  if (!gap) return;
  const controlId = naturalId("public", "control", accountability);
  const position = controls.findIndex(({ code }) => code === accountability);
  const control = controls[position];
  if (!control) throw new Error(`expected ${accountability} among the controls`);
  await queries.keepControl({ ...control, id: controlId, position });
  const violation = toGapViolation(chain, gap, now);
  for (const { tenant } of await queries.findRecordedTenants())
    await queries.openViolation({
      ...violation,
      id: naturalId(tenant, "violation", violation.fingerprint),
      tenant,
      residency: "global",
      controlId,
      status: "OPEN",
    });
}
