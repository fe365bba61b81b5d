import type { FetchNode } from "../planning/queryPlan.ts";

/** A step of an answer's path as the merged data has it. */
export function toRenamed({ outputRewrites }: FetchNode, step: string | number): string | number {
  const rename = outputRewrites.find((rewrite) => rewrite.kind === "renameKey" && rewrite.key === step);
  return rename?.kind === "renameKey" ? rename.newKey : step;
}
