/** How long the list of a field will be, as far as `@listSize` and the arguments of the field tell. */
import { type FieldNode, type GraphQLField, Kind, type ValueNode, valueFromASTUntyped } from "graphql";
import type { CostRules } from "../../supergraph/costRules.ts";
import type { Formula, Variables } from "./formula.ts";

export type CompiledListSize = {
  /** Undefined: the directive names fields and no size. */
  readonly size: Formula | undefined;
  readonly sizedFields: readonly string[];
};

export function compileListSize(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  coordinates: readonly string[],
  { listSizes }: CostRules,
  listSize: number,
): CompiledListSize | undefined {
  const rule = coordinates.flatMap((coordinate) => listSizes.get(coordinate) ?? [])[0];
  if (!rule) return undefined;
  const { assumedSize, slicingArguments, sizedFields } = rule;
  const slices = slicingArguments.map((name) => findSlice(name, field, definition));
  const sizeFor = (variables: Variables) => {
    const sizes = slices.flatMap((slice) => toSize(slice(variables)) ?? []);
    // Several that are set limit each other or not; nobody can say, so the largest counts.
    return sizes.length > 0 ? Math.max(...sizes) : assumedSize;
  };
  const isFixed = !(field.arguments ?? []).some(({ value }) => holdsVariable(value));
  const size = isFixed ? sizeFor({}) : (variables: Variables) => sizeFor(variables) ?? listSize;
  return { size, sizedFields };
}

/** The value that came, or the default that the schema gives the argument. */
function findSlice(
  name: string,
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
): (variables: Variables) => unknown {
  const given = field.arguments?.find((argument) => argument.name.value === name)?.value;
  const fallback = definition.args.find((argument) => argument.name === name)?.defaultValue;
  return (variables) => (given ? valueFromASTUntyped(given, variables) : undefined) ?? fallback;
}

/** What is no count is refused when the variables are coerced. */
function toSize(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

export function holdsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(holdsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((one) => holdsVariable(one.value));
}
