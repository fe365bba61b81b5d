/**
 * Adds to a document what the gateway itself wants to know of objects: the attributes that rules decide by, and the
 * names of types where the client's selection leaves them open. None of it is part of an answer.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  TypeInfo,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { hiddenPrefix } from "../hiddenNames.ts";
import { attributeVariables, type GuardedObjects } from "./guardedObjects.ts";

/** The name under which objects tell their type. */
export const typeKey = `${hiddenPrefix}type`;

export type WithHiddenFields = {
  readonly document: DocumentNode;
  /** Whether the operation reads objects that rules decide about. */
  readonly hasGuarded: boolean;
};

/** Done once for a document. */
export function createAddHiddenFields(
  schema: GraphQLSchema,
  guarded: GuardedObjects,
): (document: DocumentNode) => WithHiddenFields {
  const known = new WeakMap<DocumentNode, WithHiddenFields>();
  return (document) => {
    const added = known.get(document) ?? addHiddenFields(schema, guarded, document);
    known.set(document, added);
    return added;
  };
}

const typeField: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: typeKey },
  name: { kind: Kind.NAME, value: "__typename" },
};

function addHiddenFields(
  schema: GraphQLSchema,
  guarded: GuardedObjects,
  document: DocumentNode,
): WithHiddenFields {
  const types = new TypeInfo(schema);
  let hasGuarded = false;

  /** What an object of one of these types must tell, whichever it is. */
  function hiddenSelections(names: readonly string[], isOpen: boolean): readonly SelectionNode[] {
    return names.flatMap((name): readonly SelectionNode[] => {
      const object = guarded.get(name);
      if (!object) return [];
      hasGuarded = true;
      return isOpen ? on(name, object.selections) : object.selections;
    });
  }

  const withFields = visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet: {
        // On the way out, so that what is added is not itself added to.
        leave: (set) => {
          const parent = types.getParentType();
          if (isAbstractType(parent)) {
            const possible = schema.getPossibleTypes(parent).map(({ name }) => name);
            return {
              ...set,
              selections: [typeField, ...hiddenSelections(possible, true), ...set.selections],
            };
          }
          if (!isObjectType(parent) || !guarded.has(parent.name)) return undefined;
          return {
            ...set,
            selections: [typeField, ...hiddenSelections([parent.name], false), ...set.selections],
          };
        },
      },
    }),
  );
  return { document: hasGuarded ? defineVariables(withFields) : withFields, hasGuarded };
}

function on(type: string, selections: readonly FieldNode[]): readonly SelectionNode[] {
  if (selections.length === 0) return [];
  return [
    {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    },
  ];
}

/** Only those that are used: a document that defines others is not valid. */
function defineVariables(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, { Variable: ({ name }) => void used.add(name.value) });
  const definitions = Object.values(attributeVariables)
    .filter((name) => used.has(name))
    .map(toDefinition);
  if (definitions.length === 0) return document;
  return {
    ...document,
    definitions: document.definitions.map((part) =>
      part.kind === Kind.OPERATION_DEFINITION
        ? { ...part, variableDefinitions: [...(part.variableDefinitions ?? []), ...definitions] }
        : part,
    ),
  };
}

function toDefinition(name: string): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
    type: {
      kind: Kind.NON_NULL_TYPE,
      type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: "String" } },
    },
  };
}
