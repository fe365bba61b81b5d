/** When a region compares what it has with its peers: on return, on the loss of another, and once a day. */
export type RepairEvidence = {
  readonly region: string;
  readonly regions: readonly {
    readonly code: string;
    readonly status: string;
    readonly since: Date | null;
  }[];
  /** When it did so last; undefined for never. */
  readonly repairedAt: Date | undefined;
  readonly joinedAt: Date;
  readonly now: Date;
};

/** Beyond what the table of fail-over has: nobody waits for it. */
const everyMs = 24 * 3_600_000;

/** The cause, for the record; null when there is nothing to do. */
export function whyRepair({ region, regions, repairedAt, joinedAt, now }: RepairEvidence): string | null {
  const isOlder = (than: Date | null): boolean =>
    than !== null && (repairedAt === undefined || repairedAt <= than);
  const own = regions.find(({ code }) => code === region);
  if (own?.status === "RETURNING" && isOlder(own.since)) return "returned";
  const lost = regions.find((one) => one !== own && one.status === "DOWN" && isOlder(one.since));
  // Survivors do not pass on what the lost region wrote last: one of them may have it and the other not.
  if (lost !== undefined) return `${lost.code} was lost`;
  return now.getTime() - (repairedAt ?? joinedAt).getTime() >= everyMs ? "a day has passed" : null;
}
