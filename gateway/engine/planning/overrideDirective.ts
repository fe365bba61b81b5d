/**
 * Which labels of progressive overrides hold for an operation stands in its document, as `@atlas__overridden(by: ["…"])`: so
 * it is in the key that a plan is kept under, and goes with the document to whatever plans it. Planners themselves, and
 * subgraphs, never see it.
 */
import {
  type ConstDirectiveNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";

const name = "atlas__overridden";

/** No two orders of the same labels make two documents. */
export function addOverrides(document: DocumentNode, labels: readonly string[]): DocumentNode {
  if (labels.length === 0) return document;
  const directive: ConstDirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: "by" },
        value: {
          kind: Kind.LIST,
          values: [...new Set(labels)].sort().map((value) => ({ kind: Kind.STRING, value })),
        },
      },
    ],
  };
  return mapOperations(document, ({ directives = [], ...operation }) => ({
    ...operation,
    directives: [...directives, directive],
  }));
}

/** The document as it was before, and the labels. */
export function readOverrides(document: DocumentNode): {
  readonly document: DocumentNode;
  readonly labels: ReadonlySet<string>;
} {
  const labels = new Set<string>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION)
      for (const directive of definition.directives?.filter(isOurs) ?? [])
        visit(directive, { StringValue: ({ value }) => void labels.add(value) });
  if (labels.size === 0) return { document, labels };
  const plain = mapOperations(document, ({ directives = [], ...operation }) => ({
    ...operation,
    directives: directives.filter((directive) => !isOurs(directive)),
  }));
  return { document: plain, labels };
}

function isOurs(directive: DirectiveNode): boolean {
  return directive.name.value === name;
}

function mapOperations(
  document: DocumentNode,
  change: (operation: OperationDefinitionNode) => OperationDefinitionNode,
): DocumentNode {
  const definitions = document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? change(definition) : definition,
  );
  return { ...document, definitions };
}
