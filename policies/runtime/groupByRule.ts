/** What each rule has to be asked about a batch of objects: of every object the attributes that the rule declares, once. */
import type { PolicyRule, RuleCatalogue } from "./catalogue.ts";
import type { ObjectRequest } from "./decideObjects.ts";
import type { GuardedType } from "./guardedType.ts";
import { PolicyError } from "./policyError.ts";
import { toKey } from "./toKey.ts";

export type RuleRow = ObjectRequest & { readonly rule: string };

export type RowsByRule = {
  readonly rows: readonly RuleRow[];
  /** By index of the object: its rows, in the order of its type's rules. */
  readonly rowsOf: readonly (readonly number[])[];
};

/** Throws a PolicyError for an object of a type that is not among `types`. */
export function groupByRule(
  { rules }: RuleCatalogue,
  types: Readonly<Record<string, GuardedType>>,
  objects: readonly ObjectRequest[],
): RowsByRule {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const readersOf = new Map(
    Object.entries(types).map(([type, guarded]) => [
      type,
      guarded.rules.map((rule) => createReader(type, rule, byName.get(rule))),
    ]),
  );
  const rows: RuleRow[] = [];
  const rowsOf = objects.map(({ type, attributes }) => {
    const readers = readersOf.get(type);
    if (!readers) throw new PolicyError("ANSWER_INVALID", `no rules are told of for objects of ${type}`);
    return readers.map(({ read, known, rule }) => {
      const { key, values } = read(attributes);
      const row = known.get(key) ?? rows.push({ rule, type, attributes: values() }) - 1;
      known.set(key, row);
      return row;
    });
  });
  return { rows, rowsOf };
}

type Attributes = ObjectRequest["attributes"];

/** A rule that the catalogue does not have reads nothing, and denies. */
function createReader(type: string, name: string, rule: PolicyRule | undefined) {
  const declared = Object.keys({ ...rule?.objects[type], ...rule?.objects["@resident"] });
  const reads = declared.map((attribute) => ({ attribute, limits: rule?.ages[attribute] }));
  const read = (attributes: Attributes) => {
    let key = "";
    for (const { attribute, limits } of reads) key += toKey(roundUp(attributes[attribute], limits));
    const values = () =>
      Object.fromEntries(
        reads.flatMap(({ attribute, limits }) =>
          Object.hasOwn(attributes, attribute) ? [[attribute, roundUp(attributes[attribute], limits)]] : [],
        ),
      );
    return { key, values };
  };
  return { rule: name, read, known: new Map<string, number>() };
}

/** An age up to the next limit, or above them all. */
function roundUp(value: unknown, limits: readonly number[] | undefined): unknown {
  if (!limits || typeof value !== "number") return value;
  return limits.find((limit) => value <= limit) ?? (limits.at(-1) ?? value) + 1;
}
