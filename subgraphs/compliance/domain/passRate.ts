export type CheckCounts = { readonly passed: number; readonly failed: number; readonly errored: number };

/** Share of applicable checks that passed, 0 to 1; null when none applies. A check that could not be made did not pass. */
export function passRate({ passed, failed, errored }: CheckCounts): number | null {
  const applicable = passed + failed + errored;
  return applicable === 0 ? null : passed / applicable;
}
