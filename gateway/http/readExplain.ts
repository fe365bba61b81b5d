/** What a caller wants to see beside the answer, in `atlas-explain: cost`; several words are separated by commas. */
export const explainHeader = "atlas-explain";

export type Explained = "cost";

export function readExplain(header: string | undefined): ReadonlySet<string> {
  const words = (header ?? "").split(",").map((word) => word.trim().toLowerCase());
  return new Set(words.filter((word) => word !== ""));
}
