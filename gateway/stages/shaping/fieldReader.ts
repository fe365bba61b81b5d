/** Which fields a selection asks of an object of a type: the specification's CollectFields (§6.3.2). */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

export type CollectFields = (
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
) => ReadonlyMap<string, readonly FieldNode[]>;

export function createCollectFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
  /** Fragments with one of these directives are left out: they are shaped by themselves. */
  late: ReadonlySet<DirectiveNode> = new Set(),
): CollectFields {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  /** Fields of one selection are asked for each element of a list. */
  const known = new WeakMap<
    SelectionSetNode,
    Map<GraphQLObjectType, ReadonlyMap<string, readonly FieldNode[]>>
  >();

  function collect(type: GraphQLObjectType, set: SelectionSetNode, into: Map<string, FieldNode[]>): void {
    for (const selection of set.selections) {
      if (!isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = into.get(key);
        if (nodes) nodes.push(selection);
        else into.set(key, [selection]);
        continue;
      }
      if (selection.directives?.some((directive) => late.has(directive))) continue;
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment && appliesTo(type, fragment.typeCondition?.name.value)) {
        collect(type, fragment.selectionSet, into);
      }
    }
  }

  function isIncluded(selection: SelectionNode): boolean {
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
    return skip?.if !== true && include?.if !== false;
  }

  function appliesTo(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const conditionType = schema.getType(condition);
    return isAbstractType(conditionType) && schema.isSubType(conditionType, type);
  }

  return (type, sets) => {
    const [only, ...others] = sets;
    const byType = only && others.length === 0 ? (known.get(only) ?? new Map()) : undefined;
    const found = byType?.get(type);
    if (found) return found;
    const fields = new Map<string, FieldNode[]>();
    for (const set of sets) collect(type, set, fields);
    if (only && byType) {
      byType.set(type, fields);
      known.set(only, byType);
    }
    return fields;
  };
}
