/** Where a person's data of one type is to be stored; the law of the person's jurisdiction bounds the choice. */

export type NewResidencyPreference = {
  readonly id: string;
  readonly tenant: string;
  readonly residency: string;
  readonly subjectId: string;
  readonly dataType: string;
  readonly storeIn: string;
  readonly version: number;
  readonly setBy: string;
};

export type JurisdictionBounds = {
  readonly code: string;
  readonly residency: string;
  readonly laws: readonly string[];
};

/**
 * Null when allowed, otherwise why not. Under a law that ties personal data to its territory (GDPR Art. 44, LGPD
 * Art. 33) a preference may keep data at home but not send it away: leaving takes a consent for a purpose.
 */
export function refuseResidency(jurisdiction: JurisdictionBounds, storeIn: string): string | null {
  const tied = jurisdiction.laws.some((law) => law === "GDPR" || law === "LGPD");
  if (!tied || storeIn === jurisdiction.residency) return null;
  return (
    `expected ${jurisdiction.residency.toUpperCase()}, where ${jurisdiction.laws.join(" and ")} keeps the data of ` +
    `people in ${jurisdiction.code}; got ${storeIn.toUpperCase()}`
  );
}

export function nextPreferenceVersion(
  preferences: readonly { dataType: string; version: number }[],
  dataType: string,
): number {
  return (
    1 + Math.max(0, ...preferences.filter((one) => one.dataType === dataType).map(({ version }) => version))
  );
}

/**
 * The newest version of each type of data. Two regions may have counted to one version at the same time: of those the
 * larger id holds, which is the later (UUIDv7), and the same in every region.
 */
export function currentPreferences<
  P extends { readonly dataType: string; readonly version: number; readonly id: string },
>(preferences: readonly P[]): P[] {
  const current = new Map<string, P>();
  for (const preference of preferences) {
    const known = current.get(preference.dataType);
    if (!known || isNewer(preference, known)) current.set(preference.dataType, preference);
  }
  return [...current.values()].sort((a, b) => a.dataType.localeCompare(b.dataType));
}

function isNewer(a: { version: number; id: string }, b: { version: number; id: string }): boolean {
  return a.version === b.version ? a.id > b.id : a.version > b.version;
}
