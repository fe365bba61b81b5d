export type ViolationSeverity = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";

/** Days within which a violation is to be dealt with. House rule, not law. */
const daysBySeverity: Readonly<Record<ViolationSeverity, number>> = {
  CRITICAL: 7,
  HIGH: 30,
  MEDIUM: 90,
  LOW: 180,
};

const dayMs = 86_400_000;

export function violationDueAt(detectedAt: Date, severity: ViolationSeverity): Date {
  return new Date(detectedAt.getTime() + daysBySeverity[severity] * dayMs);
}
