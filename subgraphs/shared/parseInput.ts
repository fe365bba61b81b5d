/** The forms that texts in inputs have to have. Each gives null when the text is right, otherwise what was expected and what came. */

export function refuseSlug(name: string, value: string): string | null {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(value) && value.length <= 64) return null;
  return `expected \`${name}\` as lower-case words joined by hyphens, at most 64 characters; got ${quote(value)}`;
}

export function refuseLength(name: string, value: string, lengthMax: number): string | null {
  // PostgreSQL stores no text with it.
  if (value.includes("\0")) return `expected \`${name}\` without the character U+0000`;
  if (value.trim() !== "" && value.length <= lengthMax) return null;
  return `expected \`${name}\` with 1 to ${lengthMax} characters; got ${value.trim() === "" ? "none" : value.length}`;
}

export function refuseRange(name: string, value: number, min: number, max: number): string | null {
  if (value >= min && value <= max) return null;
  return `expected \`${name}\` from ${min} to ${max}; got ${value}`;
}

/** The first fault of several, or null. */
export function firstFault(...faults: readonly (string | null)[]): string | null {
  return faults.find((fault) => fault !== null) ?? null;
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 80));
}
