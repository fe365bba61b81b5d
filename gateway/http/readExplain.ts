/** What a caller wants to see beside the answer, in `atlas-explain: cost, plan`; several words are separated by commas. */
export const explainHeader = "atlas-explain";

export function readExplain(header: string | undefined): ReadonlySet<string> {
  if (header === undefined) return nothing;
  const words = header.split(",").map((word) => word.trim().toLowerCase());
  return new Set(words.filter((word) => word !== ""));
}

const nothing: ReadonlySet<string> = new Set();
