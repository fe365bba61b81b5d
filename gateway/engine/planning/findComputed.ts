/** Which fields of an entity fetch its subgraph computes from what it is sent (@requires). */
import { Kind, parse, type SelectionSetNode } from "graphql";
import { readFieldSet } from "../../supergraph/readFieldSet.ts";
import type { Requirements } from "../../supergraph/requirements.ts";
import type { FetchNode } from "./queryPlan.ts";

export type FindComputed = (fetch: FetchNode) => Pick<FetchNode, "computes">;

export function createFindComputed(requirements: Requirements): FindComputed {
  const inputsOf = (subgraph: string, typeName: string, fieldName: string): string[] => {
    const fields = requirements.get(subgraph)?.get(`${typeName}.${fieldName}`);
    if (fields === undefined) return [];
    return readFieldSet(fields).selections.flatMap((one) =>
      one.kind === Kind.FIELD ? [one.name.value] : [],
    );
  };
  return ({ subgraph, operation, outputRewrites }) => {
    if (!requirements.has(subgraph)) return {};
    const document = parse(operation, { noLocation: true });
    const fragments = new Map<string, SelectionSetNode>();
    const keys = new Set<string>();
    const inputs = new Set<string>();
    const collect = ({ selections }: SelectionSetNode, typeName: string): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          const needed = inputsOf(subgraph, typeName, selection.name.value);
          if (needed.length > 0) keys.add((selection.alias ?? selection.name).value);
          for (const input of needed) inputs.add(input);
        } else if (selection.kind === Kind.INLINE_FRAGMENT)
          collect(selection.selectionSet, selection.typeCondition?.name.value ?? typeName);
        else collect(fragments.get(selection.name.value) ?? EMPTY, typeName);
      }
    };
    for (const part of document.definitions)
      if (part.kind === Kind.FRAGMENT_DEFINITION) fragments.set(part.name.value, part.selectionSet);
    for (const part of document.definitions)
      if (part.kind === Kind.OPERATION_DEFINITION)
        for (const entities of part.selectionSet.selections)
          if (entities.kind === Kind.FIELD && entities.selectionSet) collect(entities.selectionSet, "");
    if (keys.size === 0) return {};
    const renamed = new Map(
      outputRewrites.flatMap((rewrite) =>
        rewrite.kind === "renameKey" ? [[rewrite.key, rewrite.newKey]] : [],
      ),
    );
    return { computes: { keys: [...keys].map((key) => renamed.get(key) ?? key), inputs: [...inputs] } };
  };
}

const EMPTY: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };
