/** A person's right to have their data erased (GDPR Art. 17), and the time that the law gives for it. */

/**
 * One month after receipt (GDPR Art. 12(3)). A period of months ends on the day with the same number, and where the
 * month has none, on its last day (Regulation 1182/71 Art. 3(2)(c)). Weekends and holidays, which would extend it,
 * are not counted in: early is never wrong.
 */
export function erasureDueAt(requestedAt: Date): Date {
  const due = new Date(requestedAt);
  due.setUTCMonth(due.getUTCMonth() + 1);
  // 31 January plus one month runs over into March; day 0 is the last of the month before.
  if (due.getUTCDate() !== requestedAt.getUTCDate()) due.setUTCDate(0);
  return due;
}

/**
 * The request that still goes on, if any. Asking again must not start the month anew, so a second request is
 * answered with the first.
 */
export function findErasureUnderWay<Request extends { readonly status: string }>(
  requests: readonly Request[],
): Request | null {
  return requests.find(({ status }) => status === "REQUESTED" || status === "RUNNING") ?? null;
}
