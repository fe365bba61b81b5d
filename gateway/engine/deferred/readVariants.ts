/** The forms of an operation with deferred fragments, one for each combination of conditions that occurs. */
import { print, visit } from "graphql";
import type { ReservedKeys } from "../../supergraph/reservedKeys.ts";
import { type ConditionValues, findConditionVariables, VARIABLES_MAX } from "../planning/conditions.ts";
import { type PreparedOperation, prepareOperation } from "../planning/prepareOperation.ts";
import type { SelectedOperation } from "../planning/selectOperation.ts";
import { isDefer, readDefer } from "./deferDirective.ts";
import { type ExpandedOperation, expandDefers } from "./expandDefers.ts";

export type DeferredVariant = {
  readonly operation: PreparedOperation;
  readonly fragments: ExpandedOperation["fragments"];
  /** The normalised text that the plan is kept under. */
  readonly key: string;
};

/** Undefined when nothing is deferred for these values, or more variables decide than are planned apart. */
export type FindDeferredVariant = (
  coercedVariables: Readonly<Record<string, unknown>>,
) => DeferredVariant | undefined;

export function readVariants(selected: SelectedOperation, reserved: ReservedKeys): FindDeferredVariant {
  const names = [...new Set([...findConditionVariables(selected.document), ...findDeferVariables(selected)])];
  const known = new Map<string, DeferredVariant | undefined>();
  const isTooMany =
    names.length > VARIABLES_MAX ||
    findConditionVariables(selected.document, Number.POSITIVE_INFINITY).length > VARIABLES_MAX;
  return (variables) => {
    if (isTooMany) return undefined;
    const values: ConditionValues = new Map(names.map((name) => [name, variables[name] === true]));
    const id = [...values.values()].join();
    if (!known.has(id)) known.set(id, readVariant(selected, values, reserved));
    return known.get(id);
  };
}

function readVariant(
  selected: SelectedOperation,
  values: ConditionValues,
  reserved: ReservedKeys,
): DeferredVariant | undefined {
  const expanded = expandDefers(selected, values);
  const operation = prepareOperation(expanded.selected, values, reserved);
  if (expanded.fragments.size === 0 || !operation.planned) return undefined;
  return { operation, fragments: expanded.fragments, key: print(operation.planned) };
}

function findDeferVariables({ document }: SelectedOperation): string[] {
  const names: string[] = [];
  visit(document, {
    Directive: (directive) => {
      const { condition } = isDefer(directive) ? readDefer(directive) : { condition: true };
      if (typeof condition === "object") names.push(condition.variable);
    },
  });
  return names;
}
