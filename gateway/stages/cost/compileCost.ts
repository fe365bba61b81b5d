/** Turns an operation into the formula of its cost. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from "graphql";
import type { CostRules } from "../../supergraph/costRules.ts";
import { compileArguments } from "./compileArguments.ts";
import { compileListSize } from "./compileListSize.ts";
import { add, type Formula, largest, multiply, type Variables } from "./formula.ts";

export type { Variables } from "./formula.ts";

type Options = {
  readonly schema: GraphQLSchema;
  readonly rules: CostRules;
  readonly listSize: number;
};

/** Apollo's: a mutation changes something, which costs more than what it returns. */
const mutationCost = 10;

/** `operation` and `document` are valid against the schema. */
export function compileCost(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  options: Options,
): Formula {
  const { schema, rules, listSize } = options;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const root = schema.getRootType(operation.operation);
  if (!root) return 0;
  const base = operation.operation === "mutation" ? mutationCost : 0;
  return withDefaults(operation, add([base, compileSet(operation.selectionSet, root, noSizes)]));

  /** `sizes` are those that the field above gives to some of these fields. */
  function compileSet({ selections }: SelectionSetNode, parent: GraphQLCompositeType, sizes: Sizes): Formula {
    const plain: Formula[] = [];
    const byType = new Map<GraphQLCompositeType, Formula[]>();
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) plain.push(compileField(selection, parent, sizes));
      else {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (!fragment) continue;
        const name = fragment.typeCondition?.name.value;
        const type = name === undefined ? parent : schema.getType(name);
        if (!isCompositeType(type)) continue;
        const cost = conditional(selection, compileSet(fragment.selectionSet, type, sizes));
        byType.set(type, [...(byType.get(type) ?? []), cost]);
      }
    }
    return add([...plain, mostOfOneType(schema, parent, byType)]);
  }

  function compileField(field: FieldNode, parent: GraphQLCompositeType, sizes: Sizes): Formula {
    const definition = findField(parent, field.name.value);
    // `__typename` and introspection are answered here, from memory.
    if (!definition) return 0;
    const owners = [parent.name, ...implementersOf(schema, parent)];
    const coordinates = owners.map((owner) => `${owner}.${field.name.value}`);
    const ownSize = compileListSize(field, definition, coordinates, rules, listSize);
    const type = getNamedType(definition.type);
    const weight =
      largestWeight(coordinates, rules) ?? rules.weights.get(type.name) ?? (isCompositeType(type) ? 1 : 0);
    const inner =
      field.selectionSet && isCompositeType(type)
        ? compileSet(field.selectionSet, type, ownSize ? sizesOf(ownSize) : noSizes)
        : 0;
    const size =
      sizes.get(field.name.value) ?? (ownSize?.sizedFields.length === 0 ? ownSize.size : undefined);
    const count = countOf(definition.type, size ?? listSize, listSize);
    const cost = add([
      multiply(count, add([weight, inner])),
      compileArguments(field, definition, coordinates, rules),
    ]);
    return conditional(field, cost);
  }
}

type Sizes = ReadonlyMap<string, Formula>;
const noSizes: Sizes = new Map();

function sizesOf({
  sizedFields,
  size,
}: {
  sizedFields: readonly string[];
  size: Formula | undefined;
}): Sizes {
  return size === undefined ? noSizes : new Map(sizedFields.map((name) => [name, size]));
}

/** An object has one type, so of the fragments on types that exclude each other only the dearest counts. */
function mostOfOneType(
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  byType: ReadonlyMap<GraphQLCompositeType, readonly Formula[]>,
): Formula {
  if (byType.size <= 1 || !isAbstractType(parent)) return add([...byType.values()].flat());
  return largest(
    schema.getPossibleTypes(parent).map((possible) => {
      const applying = [...byType].filter(
        ([type]) => type === possible || (isAbstractType(type) && schema.isSubType(type, possible)),
      );
      return add(applying.flatMap(([, costs]) => costs));
    }),
  );
}

/** A weight on an implementer's field counts for whoever asks through the interface. */
function implementersOf(schema: GraphQLSchema, parent: GraphQLCompositeType): readonly string[] {
  return isInterfaceType(parent) ? schema.getPossibleTypes(parent).map(({ name }) => name) : [];
}

function largestWeight(coordinates: readonly string[], { weights }: CostRules): number | undefined {
  const found = coordinates.flatMap((coordinate) => weights.get(coordinate) ?? []);
  return found.length > 0 ? Math.max(...found) : undefined;
}

function findField(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

/** Of a list of lists, a size tells the outer one. */
function countOf(type: GraphQLOutputType, size: Formula, listSize: number): Formula {
  const list = getNullableType(type);
  return isListType(list) ? multiply(size, countOf(list.ofType, listSize, listSize)) : 1;
}

/** Nothing, where `@skip` or `@include` leaves it out. */
function conditional({ directives = [] }: SelectionNode, cost: Formula): Formula {
  return directives.reduce<Formula>((counted, { name: { value: name }, arguments: given = [] }) => {
    if (name !== "skip" && name !== "include") return counted;
    const condition = given.find((argument) => argument.name.value === "if")?.value;
    if (!condition) return counted;
    const isLeftOut = (variables: Variables) =>
      (valueFromASTUntyped(condition, variables) === true) === (name === "skip");
    if (condition.kind !== Kind.VARIABLE) return isLeftOut({}) ? 0 : counted;
    return (variables) =>
      isLeftOut(variables) ? 0 : typeof counted === "number" ? counted : counted(variables);
  }, cost);
}

/** Variables that were not sent have the value that the operation gives them. */
function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, formula: Formula): Formula {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  if (typeof formula === "number" || Object.keys(defaults).length === 0) return formula;
  return (variables) => formula({ ...defaults, ...variables });
}
