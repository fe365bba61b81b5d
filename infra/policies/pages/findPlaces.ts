/** Where in the graph a rule applies, by the supergraph's own directives. */
import { findGuardedObjects } from "../../../gateway/stages/objects/guardedObjects.ts";
import type { SecurityRule } from "../../../gateway/supergraph/securityRules.ts";
import type { Supergraph } from "../../../gateway/supergraph/supergraph.ts";
import type { RuleSource } from "./readRules.ts";

export type Places =
  | { readonly kind: "everything"; readonly text: string }
  /** Coordinates by what the schema demands there. */
  | { readonly kind: "coordinates"; readonly groups: ReadonlyMap<string, readonly string[]> }
  | { readonly kind: "types"; readonly types: readonly GuardedPlace[] };

export type GuardedPlace = {
  readonly type: string;
  /** Attribute, and the selection that answers it. */
  readonly attributes: readonly (readonly [string, string])[];
  readonly classes: Readonly<Record<string, readonly string[]>>;
};

export function findPlaces({ rule, requestParts }: RuleSource, supergraph: Supergraph): Places {
  if (rule.question === "audit")
    return { kind: "everything", text: "Every decision, before it is put on record." };
  if (rule.question === "objects") return { kind: "types", types: findTypes(rule, supergraph) };
  const named = Object.entries(rule.arguments);
  if (named.length > 0)
    return {
      kind: "coordinates",
      groups: new Map(named.map(([coordinate, names]) => [`arguments ${names.join(", ")}`, [coordinate]])),
    };
  const directives = (["authenticated", "scopes", "policies"] as const).filter((part) =>
    requestParts.has(part),
  );
  const [directive] = directives;
  if (directive === undefined || directives.length > 1)
    return { kind: "everything", text: "Every field of every operation." };
  return { kind: "coordinates", groups: groupCoordinates(supergraph, directive) };
}

function findTypes(
  rule: RuleSource["rule"],
  { apiSchema, facts: { classes } }: Supergraph,
): readonly GuardedPlace[] {
  const guarded = findGuardedObjects(apiSchema, classes, { rules: [rule], labels: new Set() });
  return [...guarded]
    .map(
      ([
        type,
        {
          type: { attributes, classes: ofFields },
        },
      ]) => ({
        type,
        attributes: attributes.map((name) => [name, selectionOf(rule, type, name, classes)] as const),
        classes: ofFields,
      }),
    )
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

function selectionOf(
  { objects }: RuleSource["rule"],
  type: string,
  name: string,
  { residentBy }: Supergraph["facts"]["classes"],
): string {
  const declared = objects[type]?.[name] ?? objects["@resident"]?.[name] ?? "";
  return declared === "@by" ? (residentBy.get(type) ?? "") : declared;
}

function groupCoordinates(
  { facts: { security } }: Supergraph,
  directive: keyof SecurityRule,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [coordinate, rule] of [...security].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const demanded = rule[directive];
    if (!demanded) continue;
    const group =
      demanded === true
        ? "@authenticated"
        : demanded
            .map((all) => all.join(" and "))
            .sort()
            .join(" or ");
    groups.set(group, [...(groups.get(group) ?? []), coordinate]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
