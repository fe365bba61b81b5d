import type { MlRefusalReason } from "../generated/resolvers.ts";

export function refuse(reason: MlRefusalReason, message: string) {
  return { __typename: "MlRefusal" as const, reason, message };
}
