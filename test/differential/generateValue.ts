/** Values of arguments: written out, a variable, or written out with variables in it. */
import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  print,
} from "graphql";
import type { OperationState } from "./generateOperation.ts";
import type { Pick } from "./random.ts";

export function pickArgument(state: OperationState, { type, defaultValue }: GraphQLArgument): string {
  return state.pick(3) === 2
    ? declareVariable(state, type, defaultValue !== undefined)
    : printValue(pickValue(state.pick, type, 0), type);
}

/** One of this type, or one that may be null where a default makes up for it. */
function declareVariable(state: OperationState, type: GraphQLInputType, hasDefault: boolean): string {
  const { pick, declared, variables } = state;
  const name = `v${declared.length}`;
  const isLoose = isNonNullType(type) && pick(3) === 2;
  const own = isLoose ? type.ofType : type;
  const fallback =
    (isLoose && !hasDefault) || pick(3) === 2
      ? pickValue(pick, isNonNullType(own) ? own : type, 0)
      : undefined;
  declared.push(`$${name}: ${own}${fallback === undefined ? "" : ` = ${printValue(fallback, own)}`}`);
  const mayBeMissing = !isNonNullType(own) || fallback !== undefined;
  // Null for a loose one is an error at run time, which has tests of its own.
  if (!(mayBeMissing && pick(3) === 0)) variables[name] = pickValue(pick, isLoose ? type : own, 0);
  return `$${name}`;
}

function printValue(value: unknown, type: GraphQLInputType): string {
  const node = astFromValue(value, type);
  if (!node) throw new Error(`no literal of ${type} for ${JSON.stringify(value)}`);
  return print(node);
}

/** As JSON. */
function pickValue(pick: Pick, type: GraphQLInputType, depth: number): unknown {
  if (isNonNullType(type)) return pickPresent(pick, type.ofType, depth);
  return pick(6) === 5 ? null : pickPresent(pick, type, depth);
}

function pickPresent(pick: Pick, type: GraphQLInputType, depth: number): unknown {
  if (isNonNullType(type)) return pickPresent(pick, type.ofType, depth);
  if (isListType(type)) return Array.from({ length: pick(3) }, () => pickValue(pick, type.ofType, depth));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => {
      const isNeeded = isNonNullType(field.type) && field.defaultValue === undefined;
      return isNeeded || (depth < 2 && pick(2) === 1);
    });
    return Object.fromEntries(fields.map((field) => [field.name, pickValue(pick, field.type, depth + 1)]));
  }
  if (isEnumType(type)) return type.getValues()[pick(type.getValues().length)]?.name ?? null;
  switch (type.name) {
    case "Boolean":
      return pick(2) === 1;
    case "Int":
      return pick(4);
    case "Float":
      return [0.5, 2, -1.25, 1e9][pick(4)];
    default:
      return ["s", "", 'two "words"', "é\n€"][pick(4)];
  }
}
