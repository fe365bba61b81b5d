/**
 * Reference data (controls, retention rules) and, for the demonstration tenant `acme`, what a scanner and people would
 * have left: scans, violations, remediations, evidence, decisions and the lineage of its country assessments.
 * Running it again adds what is missing and changes nothing.
 */
import { naturalId } from "../../shared/ids.ts";
import type { Db } from "../db.ts";
import { controls } from "../domain/controls.ts";
import { retentionRules } from "../domain/retentionRules.ts";
import { recordRows } from "./seed/recordRows.ts";
import { scanRows } from "./seed/scanRows.ts";

export async function seedCompliance(db: Db, now: Date): Promise<void> {
  await db.seed({
    controls: controls.map((control, position) => ({ ...control, id: controlId(control.code), position })),
    retentionRules: retentionRules.map((rule) => ({
      ...rule,
      id: naturalId("public", "retention-rule", rule.dataClass, rule.jurisdictionCode),
    })),
    ...scanRows(now, controlId),
    ...recordRows(now),
  });
}

function controlId(code: string): string {
  return naturalId("public", "control", code);
}
