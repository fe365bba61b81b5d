import { expect, test } from "@jest/globals";
import { judgeRecoveryPoint } from "./judgeRecoveryPoint.ts";

test.each([
  [null, "ALONE", "ALONE"],
  [{ hasPeer: true, hasStandby: true, waived: [] }, "ZERO", "ZERO"],
  [{ hasPeer: true, hasStandby: false, waived: ["RESIDENT"] }, "ZERO", "WAIVED"],
  [{ hasPeer: true, hasStandby: false, waived: ["GLOBAL"] }, "ZERO", "REFUSING"],
  [{ hasPeer: false, hasStandby: false, waived: ["GLOBAL"] }, "WAIVED", "REFUSING"],
  [{ hasPeer: false, hasStandby: false, waived: [] }, "REFUSING", "REFUSING"],
] as const)("%j is worth %s and %s", (evidence, global, resident) => {
  expect(judgeRecoveryPoint(evidence)).toEqual({ global, resident });
});
