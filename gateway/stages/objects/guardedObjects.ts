/**
 * The types of a supergraph whose rows a bundle's rules decide about, and the fields that must be fetched for that. A rule
 * that needs what the graph does not have could only guess, so such a pair of bundle and supergraph is refused.
 */
import {
  type FieldNode,
  FieldsOnCorrectTypeRule,
  type GraphQLSchema,
  isObjectType,
  Kind,
  KnownArgumentNamesRule,
  ProvidedRequiredArgumentsRule,
  parse,
  ScalarLeafsRule,
  validate,
} from "graphql";
import type { PolicyRule, RuleCatalogue } from "../../../policies/runtime/catalogue.ts";
import type { GuardedType } from "../../../policies/runtime/guardedType.ts";
import type { DataClasses } from "../../supergraph/dataClasses.ts";
import { SupergraphError } from "../../supergraph/supergraphError.ts";
import { hiddenPrefix } from "../hiddenNames.ts";

export type GuardedObject = {
  readonly type: GuardedType;
  /** What to fetch, under names that clients cannot use. */
  readonly selections: readonly FieldNode[];
  /** Where the value of each attribute is in a fetched object. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** Names of attributes that are moments and reach the rules as ages. */
  readonly ages: ReadonlySet<string>;
};

export type GuardedObjects = ReadonlyMap<string, GuardedObject>;

/** The variables that attributes may use, by name in METADATA. */
export const attributeVariables = { purpose: `${hiddenPrefix}purpose` } as const;

/** Throws a SupergraphError naming rule and coordinate. */
export function findGuardedObjects(
  schema: GraphQLSchema,
  { classes, residentBy }: DataClasses,
  { rules }: RuleCatalogue,
): GuardedObjects {
  const found = new Map<string, Found>();
  const faults: string[] = [];
  for (const rule of rules) {
    for (const [type, attributes] of typesOf(rule, residentBy)) {
      if (!isObjectType(schema.getType(type))) continue;
      const guarded: Found = found.get(type) ?? { rules: [], attributes: new Map(), ages: new Set<string>() };
      found.set(type, guarded);
      if (!guarded.rules.includes(rule.name)) guarded.rules.push(rule.name);
      for (const [name, declared] of Object.entries(attributes)) {
        const selection = declared === "@by" ? residentBy.get(type) : declared;
        const known = guarded.attributes.get(name);
        const isAge = Object.hasOwn(rule.ages, name);
        const isElsewhere = known !== undefined && (known !== selection || guarded.ages.has(name) !== isAge);
        if (selection === undefined || isElsewhere)
          faults.push(
            `${rule.name} needs the attribute ${name} of ${type}, which ${known ? "another rule reads elsewhere or otherwise" : "@resident does not name"}`,
          );
        else {
          guarded.attributes.set(name, selection);
          if (isAge) guarded.ages.add(name);
        }
      }
    }
  }
  const objects = [...found].map(([type, { rules: names, attributes, ages }]) => {
    const selections = [...attributes].flatMap(([name, text]) =>
      toSelection(schema, type, name, text, (fault) => faults.push(`${names.join(", ")}: ${fault}`)),
    );
    const object: GuardedObject = {
      type: {
        rules: [...names].sort(),
        attributes: [...attributes.keys()].sort(),
        classes: classes.get(type) ?? {},
      },
      selections,
      paths: new Map(selections.map((field) => [nameOf(field), pathOf(field)])),
      ages,
    };
    return [type, object] as const;
  });
  if (faults.length > 0)
    throw new SupergraphError(
      "the policies need attributes of objects that this supergraph does not have",
      faults,
    );
  return new Map(objects);
}

type Found = {
  readonly rules: string[];
  readonly attributes: Map<string, string>;
  readonly ages: Set<string>;
};

function typesOf(
  { objects }: PolicyRule,
  residentBy: DataClasses["residentBy"],
): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  return Object.entries(objects).flatMap(([type, attributes]) =>
    type === "@resident"
      ? [...residentBy.keys()].map((resident) => [resident, attributes] as const)
      : [[type, attributes] as const],
  );
}

const rulesOfSelections = [
  FieldsOnCorrectTypeRule,
  KnownArgumentNamesRule,
  ProvidedRequiredArgumentsRule,
  ScalarLeafsRule,
];

function toSelection(
  schema: GraphQLSchema,
  type: string,
  name: string,
  text: string,
  onFault: (fault: string) => void,
): readonly FieldNode[] {
  const document = parse(
    `fragment Attribute on ${type} { ${text.replaceAll("$purpose", `$${attributeVariables.purpose}`)} }`,
    { noLocation: true },
  );
  const errors = validate(schema, document, rulesOfSelections);
  for (const { message } of errors) onFault(`${type}.${text}: ${message}`);
  const [fragment] = document.definitions;
  const field = fragment?.kind === Kind.FRAGMENT_DEFINITION ? fragment.selectionSet.selections[0] : undefined;
  if (field?.kind !== Kind.FIELD) {
    onFault(`expected one field as the attribute ${name} of ${type}, got ${text}`);
    return [];
  }
  return [{ ...field, alias: { kind: Kind.NAME, value: `${hiddenPrefix}${name}` } }];
}

function nameOf(field: FieldNode): string {
  return (field.alias?.value ?? "").slice(hiddenPrefix.length);
}

function pathOf(field: FieldNode): readonly string[] {
  const [inner] = field.selectionSet?.selections ?? [];
  return [(field.alias ?? field.name).value, ...(inner?.kind === Kind.FIELD ? pathOf(inner) : [])];
}
