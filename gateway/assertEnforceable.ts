/** A supergraph that restricts anybody is not served by a gateway that could not hold it to that. */
import { StartError } from "./startError.ts";
import type { SecurityRules } from "./supergraph/securityRules.ts";

const namedMax = 5;

export function assertEnforceable(rules: SecurityRules, source: string): void {
  if (rules.size === 0) return;
  const all = [...rules.values()];
  const directives = [
    all.some(({ authenticated }) => authenticated) ? "@authenticated" : undefined,
    all.some(({ scopes }) => scopes) ? "@requiresScopes" : undefined,
    all.some(({ policies }) => policies) ? "@policy" : undefined,
  ].filter((name) => name !== undefined);
  const coordinates = [...rules.keys()];
  const rest = coordinates.length - namedMax;
  throw new StartError(
    [
      `${source} has authorization directives (${directives.join(", ")}), and no policy bundle was given to enforce them.`,
      `They are on ${coordinates.slice(0, namedMax).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`,
      "Give the bundle with --policies <bundle.tar.gz> or ATLAS_POLICIES.",
    ].join("\n"),
  );
}
