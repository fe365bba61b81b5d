import type { RegionsRefusalReason } from "../generated/resolvers.ts";

/** A business "no", as the schema has it. */
export function refuse(reason: RegionsRefusalReason, message: string) {
  return { __typename: "RegionsRefusal" as const, reason, message };
}
