/** A smaller operation that still fails: parts are left out one by one, as long as it stays valid and goes on failing. */
import {
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  validate,
  visit,
} from "graphql";
import type { GeneratedOperation } from "./operation.ts";

type Fails = (operation: GeneratedOperation) => Promise<boolean>;

export async function shrinkOperation(
  operation: GeneratedOperation,
  schema: GraphQLSchema,
  fails: Fails,
  triesMax = 600,
): Promise<GeneratedOperation> {
  let smallest = operation;
  let tries = 0;
  for (let at = 0; tries < triesMax; ) {
    const document = reduceAt(smallest.document, at);
    if (document === undefined) break;
    const smaller = withoutUnused({ ...smallest, document });
    const isValid = validate(schema, smaller.document, undefined, { maxErrors: 1 }).length === 0;
    tries += 1;
    // What cannot be left out now may be later; the next round of the caller's asks again.
    if (isValid && (await fails(smaller))) smallest = smaller;
    else at += 1;
  }
  return smallest;
}

/** The document without its part number `at`, counted from the outside in; undefined when it has no so many. */
function reduceAt(document: DocumentNode, at: number): DocumentNode | undefined {
  let count = -1;
  let isReduced = false;
  const take = (): boolean => {
    if (isReduced) return false;
    count += 1;
    isReduced = count === at;
    return isReduced;
  };
  const reduced = visit(document, {
    enter: (node, _key, parent): ASTNode | null | undefined => {
      if (isReduced) return undefined;
      switch (node.kind) {
        case Kind.FIELD:
        case Kind.INLINE_FRAGMENT:
        case Kind.FRAGMENT_SPREAD:
        case Kind.DIRECTIVE:
        case Kind.ARGUMENT:
          if (isNeeded(parent)) break;
          if (take()) return null;
          break;
      }
      if (node.kind === Kind.FIELD && node.alias && take()) {
        const { alias: _alias, ...unaliased } = node;
        return unaliased;
      }
      if (node.kind === Kind.SELECTION_SET) {
        const opened = node.selections.findIndex(isBare);
        const fragment = node.selections[opened];
        if (fragment?.kind === Kind.INLINE_FRAGMENT && take())
          return {
            ...node,
            selections: node.selections.toSpliced(opened, 1, ...fragment.selectionSet.selections),
          };
      }
      if (node.kind === Kind.FRAGMENT_SPREAD && take()) return openSpread(document, node.name.value) ?? node;
      return undefined;
    },
  });
  return isReduced ? reduced : undefined;
}

/** The only selection of its set. */
function isNeeded(parent: ASTNode | readonly ASTNode[] | undefined): boolean {
  if (!Array.isArray(parent)) return false;
  const [first] = parent as readonly ASTNode[];
  const isSelection =
    first?.kind === Kind.FIELD ||
    first?.kind === Kind.INLINE_FRAGMENT ||
    first?.kind === Kind.FRAGMENT_SPREAD;
  return isSelection && parent.length === 1;
}

function isBare(selection: SelectionNode): boolean {
  return selection.kind === Kind.INLINE_FRAGMENT && (selection.directives?.length ?? 0) === 0;
}

function openSpread(document: DocumentNode, name: string): InlineFragmentNode | undefined {
  const definition = document.definitions.find(
    (part) => part.kind === Kind.FRAGMENT_DEFINITION && part.name.value === name,
  );
  if (definition?.kind !== Kind.FRAGMENT_DEFINITION) return undefined;
  const { typeCondition, selectionSet } = definition;
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, directives: [] };
}

/** Fragments and variables that nothing uses any more are not valid. */
function withoutUnused({ document, variables, kind }: GeneratedOperation): GeneratedOperation {
  const spreads = new Set<string>();
  const used = new Set<string>();
  const follow = (node: ASTNode): void =>
    void visit(node, {
      FragmentSpread: ({ name }) => {
        if (spreads.has(name.value)) return;
        spreads.add(name.value);
        for (const part of document.definitions)
          if (part.kind === Kind.FRAGMENT_DEFINITION && part.name.value === name.value) follow(part);
      },
      VariableDefinition: () => false,
      Variable: ({ name }) => void used.add(name.value),
    });
  for (const part of document.definitions) if (part.kind === Kind.OPERATION_DEFINITION) follow(part);
  const definitions = document.definitions.flatMap((part): readonly DefinitionNode[] => {
    if (part.kind === Kind.FRAGMENT_DEFINITION) return spreads.has(part.name.value) ? [part] : [];
    if (part.kind !== Kind.OPERATION_DEFINITION) return [part];
    const declared = part.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value));
    return [{ ...part, variableDefinitions: declared ?? [] }];
  });
  return {
    kind,
    document: { kind: Kind.DOCUMENT, definitions },
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name))),
  };
}
