/** What a durable write in a region is worth, by who takes copies of it and which promises were given up. */
export type RecoveryPointState = "ZERO" | "WAIVED" | "REFUSING" | "ALONE";

export type DurabilityEvidence = {
  /** Another region, or the standby, takes synchronous copies. */
  readonly hasPeer: boolean;
  /** The standby inside the jurisdiction does. */
  readonly hasStandby: boolean;
  /** Classes of open waivers. */
  readonly waived: readonly ("GLOBAL" | "RESIDENT")[];
};

/** As replication.wait_for_peers() and assert_resident_standby() decide. Null is a region that is alone. */
export function judgeRecoveryPoint(evidence: DurabilityEvidence | null): {
  readonly global: RecoveryPointState;
  readonly resident: RecoveryPointState;
} {
  if (evidence === null) return { global: "ALONE", resident: "ALONE" };
  const judge = (hasCopy: boolean, kind: "GLOBAL" | "RESIDENT"): RecoveryPointState => {
    if (hasCopy) return "ZERO";
    return evidence.waived.includes(kind) ? "WAIVED" : "REFUSING";
  };
  return { global: judge(evidence.hasPeer, "GLOBAL"), resident: judge(evidence.hasStandby, "RESIDENT") };
}
