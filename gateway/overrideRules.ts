/** When the labels of progressive overrides (`@override(label:)`) hold, as `ATLAS_OVERRIDE_LABELS` says it. */

export type OverrideRule = { readonly label: string; readonly condition: OverrideCondition };

export type OverrideCondition =
  | { readonly kind: "always" }
  | { readonly kind: "role" | "tenant" | "subject"; readonly value: string }
  /** By lower-case name. */
  | { readonly kind: "header"; readonly name: string };

/** Entries are `label`, or `label=role:…`, `=tenant:…`, `=subject:…`, `=header:…`; several of one label are alternatives. */
export function parseOverrideRules(
  entries: readonly string[],
  { addIssue }: { readonly addIssue: (message: string) => void },
): OverrideRule[] {
  return entries.flatMap((entry): OverrideRule[] => {
    const [, label, kind, value = ""] = entryForm.exec(entry) ?? [];
    if (label === undefined) {
      addIssue(
        "expected labels, separated by commas, each alone or with =role:, =tenant:, =subject: or =header: and a value",
      );
      return [];
    }
    switch (kind) {
      case "role":
      case "tenant":
      case "subject":
        return [{ label, condition: { kind, value } }];
      case "header":
        return [{ label, condition: { kind, name: value.toLowerCase() } }];
      default:
        return [{ label, condition: { kind: "always" } }];
    }
  });
}

const entryForm = /^([^=]+)(?:=(role|tenant|subject|header):(.+))?$/;

/** A header that is not let through would never be seen here, and its label would never hold. */
export function areSeen(rules: readonly OverrideRule[], forwarded: readonly string[]): boolean {
  return rules.every(({ condition }) => condition.kind !== "header" || forwarded.includes(condition.name));
}
