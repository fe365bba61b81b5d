/** What the arguments of a field cost: an input object is 1, a scalar 0, `@cost` changes that. */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  valueFromASTUntyped,
} from "graphql";
import type { CostRules } from "../../supergraph/costRules.ts";
import { holdsVariable } from "./compileListSize.ts";
import { add, type Formula } from "./formula.ts";

export function compileArguments(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  coordinates: readonly string[],
  rules: CostRules,
): Formula {
  const costs = (field.arguments ?? []).map(({ name: { value: name }, value }): Formula => {
    const type = definition.args.find((argument) => argument.name === name)?.type;
    if (!type || !canCost(type, coordinates, name, rules)) return 0;
    const weights = coordinates.flatMap((coordinate) => rules.weights.get(`${coordinate}(${name}:)`) ?? []);
    const weight = weights.length > 0 ? Math.max(...weights) : undefined;
    if (!holdsVariable(value)) return costOf(valueFromASTUntyped(value), type, weight, rules, 0);
    return (variables) => costOf(valueFromASTUntyped(value, variables), type, weight, rules, 0);
  });
  return add(costs);
}

/** Most arguments are scalars without a weight: those need no formula. */
function canCost(
  type: GraphQLInputType,
  coordinates: readonly string[],
  argument: string,
  { weights }: CostRules,
): boolean {
  const named = getNamedType(type);
  return (
    isInputObjectType(named) ||
    weights.has(named.name) ||
    coordinates.some((coordinate) => weights.has(`${coordinate}(${argument}:)`))
  );
}

/** Deeper than this no input of a client goes; what does is refused when the variables are coerced, or by its size. */
const depthMax = 100;

function costOf(
  value: unknown,
  type: GraphQLInputType,
  weight: number | undefined,
  rules: CostRules,
  depth: number,
): number {
  if (value === undefined || value === null || depth > depthMax) return 0;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.reduce<number>(
      (sum, item) => sum + costOf(item, nullable.ofType, weight, rules, depth + 1),
      0,
    );
  }
  const named = getNamedType(nullable);
  const own = weight ?? rules.weights.get(named.name);
  if (!isInputObjectType(named)) return own ?? 0;
  const fields = Object.values(named.getFields()).map((field) =>
    costOf(
      Reflect.get(Object(value), field.name),
      field.type,
      rules.weights.get(`${named.name}.${field.name}`),
      rules,
      depth + 1,
    ),
  );
  return fields.reduce((sum, cost) => sum + cost, own ?? 1);
}
