/**
 * Whose rows the trainer of a region reads: those resident in the jurisdictions that the region serves. Global rows are in
 * every region, so training on them in each would count them three times; they serve as hold-out.
 */
const residencies: Readonly<Record<string, readonly string[]>> = {
  // Brazil has no region of its own; its data is kept in us-east (see the regions subgraph's jurisdictions).
  "us-east": ["us", "br"],
  "eu-west": ["eu"],
  "ap-southeast": ["ap"],
};

export function residenciesOfRegion(regionCode: string): readonly string[] {
  return residencies[regionCode] ?? [];
}
