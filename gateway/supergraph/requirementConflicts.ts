/**
 * Fields of one type whose @requires name the same field with different arguments, such as `price(currency: USD)` and
 * `price(currency: EUR)`. One representation holds one of them, and Apollo's planner sends it to both. They are kept
 * apart: fields in different groups are never planned together.
 */
import { isObjectType, type ObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "./parseSupergraph.ts";
import { readArguments, readFieldSet } from "./readFieldSet.ts";

/** Group by field coordinate, for the fields that conflict with another. */
export type RequirementConflicts = ReadonlyMap<string, number>;

export function findRequirementConflicts({
  parsed: { schema },
}: Pick<ParsedSupergraph, "parsed">): RequirementConflicts {
  const groups = new Map<string, number>();
  for (const type of schema.types()) {
    if (!isObjectType(type)) continue;
    const requirements = readRequirements(type);
    const conflicting = requirements.filter((one) => requirements.some((other) => conflict(one, other)));
    for (const requirement of conflicting) {
      const taken = conflicting
        .filter((other) => conflict(requirement, other))
        .map(({ coordinate }) => groups.get(coordinate));
      let group = 0;
      while (taken.includes(group)) group += 1;
      groups.set(requirement.coordinate, group);
    }
  }
  return groups;
}

type Requirement = { readonly coordinate: string; readonly inputs: ReadonlyMap<string, string> };

function readRequirements(type: ObjectType): Requirement[] {
  return type.fields().flatMap((field) => {
    const fieldSets = field
      .appliedDirectivesOf("join__field")
      .flatMap((join): unknown => join.arguments().requires ?? [])
      .filter((fieldSet) => typeof fieldSet === "string");
    return fieldSets.map((set) => ({
      coordinate: field.coordinate,
      inputs: readArguments(readFieldSet(set)),
    }));
  });
}

function conflict(one: Requirement, other: Requirement): boolean {
  return [...one.inputs].some(([path, text]) => (other.inputs.get(path) ?? text) !== text);
}
