/** The global ids in a text, by which it is known where a request belongs: `<residency>-<type>-<uuid>` (decision 5). */
export type FoundId = {
  readonly residency: string;
  /** In lower case, as ids have it. */
  readonly type: string;
};

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const pattern = new RegExp(`(?<![\\w-])([a-z]{2,16})-([a-z]+)-${uuid}(?![\\w-])`, "g");
const whole = new RegExp(`^([a-z]{2,16})-([a-z]+)-${uuid}$`);

export function findIds(text: string): FoundId[] {
  return [...text.matchAll(pattern)].map(([, residency = "", type = ""]) => ({ residency, type }));
}

/** Undefined for a value that is no id. */
export function parseId(value: unknown): FoundId | undefined {
  const [, residency, type] = (typeof value === "string" && whole.exec(value)) || [];
  return residency === undefined || type === undefined ? undefined : { residency, type };
}

/** A quick look at a body: false when there is surely no id of these residencies in it. Without any, always false. */
export function createMayHold(residencies: readonly string[]): (text: string) => boolean {
  if (residencies.length === 0) return () => false;
  const some = new RegExp(`(?:${residencies.join("|")})-[a-z]+-[0-9a-f]{8}-`);
  return (text) => some.test(text);
}
