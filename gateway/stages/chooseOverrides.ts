/**
 * Which labels of progressive overrides hold for one request, by configuration: for everybody, for some callers, or for
 * requests with a header that something before us has set. Shares (`percent(25)`) are decided where plans are made, by the
 * operation alone.
 */
import type { OverrideCondition, OverrideRule } from "../overrideRules.ts";
import type { Caller } from "./identifyCaller.ts";

export type ChooseOverrides = (request: {
  readonly caller: Caller;
  readonly forwarded: Readonly<Record<string, string>>;
}) => readonly string[];

/** `known` are the labels of the graph: plans must not differ by others. */
export function createChooseOverrides(
  rules: readonly OverrideRule[],
  known: readonly string[],
): ChooseOverrides {
  const own = rules.filter(({ label }) => known.includes(label));
  if (own.length === 0) return () => [];
  return (request) => [
    ...new Set(own.filter(({ condition }) => holds(condition, request)).map(({ label }) => label)),
  ];
}

function holds(condition: OverrideCondition, { caller, forwarded }: Parameters<ChooseOverrides>[0]): boolean {
  switch (condition.kind) {
    case "always":
      return true;
    case "role":
      return caller.roles.includes(condition.value);
    case "tenant":
      return caller.tenant === condition.value;
    case "subject":
      return caller.subject === condition.value;
    case "header":
      return forwarded[condition.name] !== undefined;
  }
}
