/** What the gateway knows of a caller and of the moment, as policies read it; kept by the key that callers of equal facts share. */
import type { RuleCatalogue } from "../../../policies/runtime/catalogue.ts";
import {
  type PolicyFacts,
  type PolicyProfile,
  type SelectedFacts,
  selectFacts,
  toTimeFacts,
} from "../../../policies/runtime/facts.ts";
import type { Caller } from "../identifyCaller.ts";

export type PolicyEnvironment = {
  readonly profile: PolicyProfile;
  readonly region: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
};

export type SelectFacts = (caller: Caller) => SelectedFacts;

/** Callers of one token are one object (identifyCaller), so their key is made once, or once an hour where rules read the time. */
export function createSelectFacts(
  { profile, region, now = Date.now }: PolicyEnvironment,
  reads: readonly string[],
): SelectFacts {
  const readsTime = reads.some((path) => path.startsWith("time."));
  const known = new WeakMap<Caller, { readonly hour: number; readonly selected: SelectedFacts }>();
  return (caller) => {
    const moment = readsTime ? now() : 0;
    const hour = Math.floor(moment / 3_600_000);
    const kept = known.get(caller);
    if (kept?.hour === hour) return kept.selected;
    const facts: PolicyFacts = { caller, time: toTimeFacts(moment), environment: { profile, region } };
    const selected = selectFacts(facts, reads);
    known.set(caller, { hour, selected });
    return selected;
  };
}

export function readsOf(catalogue: RuleCatalogue, question: "fields" | "objects"): readonly string[] {
  const rules = catalogue.rules.filter((rule) => rule.question === question);
  return [...new Set(rules.flatMap(({ reads }) => reads))];
}
