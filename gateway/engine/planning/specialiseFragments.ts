/**
 * Writes an operation so that no fragment on an abstract type stands where it narrows another: once for each object
 * type instead. Apollo's planner cannot plan some of the former ("We should have an edge … for __typename", inside
 * interface objects) and plans the latter. Bodies are named fragments, one for each type, so the size stays a product.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLAbstractType,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type NameNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { TYPENAME } from "./typename.ts";

type State = {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** New fragments, by body and type. */
  readonly made: Map<SelectionSetNode, Map<GraphQLCompositeType, FragmentDefinitionNode>>;
  readonly definitions: FragmentDefinitionNode[];
  namesGiven: number;
};

export function specialiseFragments(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const fragments = document.definitions.flatMap((part) =>
    part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [],
  );
  const state: State = {
    schema,
    fragments: new Map(fragments),
    made: new Map(),
    definitions: [],
    namesGiven: 0,
  };
  const operations = document.definitions.flatMap((part) => {
    const root = part.kind === Kind.OPERATION_DEFINITION ? schema.getRootType(part.operation) : undefined;
    return root && part.kind === Kind.OPERATION_DEFINITION
      ? [{ ...part, selectionSet: specialise(state, part.selectionSet, root) }]
      : [];
  });
  return { kind: Kind.DOCUMENT, definitions: [...operations, ...state.definitions] };
}

function specialise(state: State, set: SelectionSetNode, parent: GraphQLCompositeType): SelectionSetNode {
  const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
    if (selection.kind !== Kind.FIELD) return specialiseFragment(state, selection, parent);
    const field = isUnionType(parent) ? undefined : parent.getFields()[selection.name.value];
    const type = field && getNamedType(field.type);
    if (!selection.selectionSet || !isCompositeType(type)) return [selection];
    return [{ ...selection, selectionSet: specialise(state, selection.selectionSet, type) }];
  });
  return toSet(selections.length > 0 ? selections : [TYPENAME]);
}

function specialiseFragment(
  state: State,
  fragment: FragmentSpreadNode | InlineFragmentNode,
  parent: GraphQLCompositeType,
): readonly SelectionNode[] {
  const { condition, body } = open(state, fragment);
  const type = condition === undefined ? parent : state.schema.getType(condition);
  if (!body || !isCompositeType(type)) return [fragment];
  const outer = possibleTypes(state, parent);
  const common = outer.filter((object) => possibleTypes(state, type).includes(object));
  // Where all objects fit although the parent itself does not, it has none of the fragment's fields.
  const isWhole = type === parent || (isAbstractType(type) && isSubType(state, type, parent));
  return (isWhole ? [parent] : common).map((target) =>
    toInlineFragment(isWhole ? undefined : target.name, fragment.directives, spread(state, body, target)),
  );
}

function isSubType({ schema }: State, type: GraphQLAbstractType, parent: GraphQLCompositeType): boolean {
  return !isUnionType(parent) && schema.isSubType(type, parent);
}

function open(state: State, fragment: FragmentSpreadNode | InlineFragmentNode) {
  if (fragment.kind === Kind.INLINE_FRAGMENT)
    return { condition: fragment.typeCondition?.name.value, body: fragment.selectionSet };
  const definition = state.fragments.get(fragment.name.value);
  return { condition: definition?.typeCondition.name.value, body: definition?.selectionSet };
}

function spread(state: State, body: SelectionSetNode, type: GraphQLCompositeType): SelectionNode {
  const byType = state.made.get(body) ?? new Map<GraphQLCompositeType, FragmentDefinitionNode>();
  state.made.set(body, byType);
  const known = byType.get(type);
  if (known) return { kind: Kind.FRAGMENT_SPREAD, name: known.name };
  const definition: FragmentDefinitionNode = {
    kind: Kind.FRAGMENT_DEFINITION,
    name: toName(`on_${type.name}_${state.namesGiven++}`),
    typeCondition: { kind: Kind.NAMED_TYPE, name: toName(type.name) },
    selectionSet: specialise(state, body, type),
  };
  byType.set(type, definition);
  state.definitions.push(definition);
  return { kind: Kind.FRAGMENT_SPREAD, name: definition.name };
}

function possibleTypes({ schema }: State, type: GraphQLCompositeType): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
}

function toInlineFragment(
  condition: string | undefined,
  directives: readonly DirectiveNode[] | undefined,
  selection: SelectionNode,
): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    ...(condition === undefined ? {} : { typeCondition: { kind: Kind.NAMED_TYPE, name: toName(condition) } }),
    directives: directives ?? [],
    selectionSet: toSet([selection]),
  };
}

const toName = (value: string): NameNode => ({ kind: Kind.NAME, value });
const toSet = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
});
