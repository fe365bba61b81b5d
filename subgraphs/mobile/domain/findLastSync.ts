/** When any of the pins last had the newest state; null when none ever had. */
export function findLastSync(pins: readonly { readonly syncedAt: Date | null }[]): Date | null {
  return pins.reduce<Date | null>(
    (last, { syncedAt }) => (syncedAt !== null && (last === null || syncedAt > last) ? syncedAt : last),
    null,
  );
}
