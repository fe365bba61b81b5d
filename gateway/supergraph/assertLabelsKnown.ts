/** A label of `@policy` that the bundle does not know satisfies nobody: more likely a slip than an intention, so it is refused. */
import type { SecurityRules } from "./securityRules.ts";
import { SupergraphError } from "./supergraphError.ts";

/** Throws a SupergraphError naming each coordinate with the label. */
export function assertLabelsKnown(rules: SecurityRules, labels: ReadonlySet<string>): void {
  const faults = [...rules].flatMap(([coordinate, { policies = [] }]) =>
    [...new Set(policies.flat())]
      .filter((label) => !labels.has(label))
      .map((label) => `${coordinate} demands ${JSON.stringify(label)}`),
  );
  if (faults.length === 0) return;
  const known = [...labels].sort().join(", ");
  throw new SupergraphError(`the policies know these labels only: ${known || "none"}`, faults);
}
