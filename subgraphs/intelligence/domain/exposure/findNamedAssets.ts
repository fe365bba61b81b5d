/**
 * Which kinds of asset a text speaks of, by their names as ATT&CK gives them: `Human-Machine Interface (HMI)` is found as
 * the name, whatever its case and number, and as the abbreviation, as it is written, but not where a number makes a
 * model's name of it (the cameras DCS-930L are no distributed control systems).
 */
export type AssetKind = { readonly id: string; readonly name: string };

/** Answers ids of the kinds that are named, in the order of the kinds. */
export function createAssetFinder(kinds: readonly AssetKind[]): (text: string) => readonly string[] {
  const patterns = kinds.map(({ id, name }) => ({ id, tests: toPatterns(name) }));
  return (text) => patterns.filter(({ tests }) => tests.some((test) => test.test(text))).map(({ id }) => id);
}

function toPatterns(name: string): readonly RegExp[] {
  const [, abbreviation] = /\(([A-Z]{2,6})\)/.exec(name) ?? [];
  const words = name
    .replace(/\([^)]*\)/g, " ")
    .trim()
    .replace(/s$/, "")
    .split(/[\s-]+/)
    .map(toLiteral);
  return [
    new RegExp(`\\b${words.join("[\\s-]+")}s?\\b`, "i"),
    ...(abbreviation === undefined ? [] : [new RegExp(`\\b${abbreviation}s?\\b(?!-\\d)`)]),
  ];
}

function toLiteral(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
