/**
 * Gives an answer the shape that the client asked for when authorization took fields out before planning: each lost
 * field is null in its place, and a null where the type forbids one moves up as the specification says (§6.4.4).
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Answer } from "../engine/engine.ts";

/** The name under which objects tell their type to `shapeAnswer`; it is never part of an answer. */
const typeKey = "atlas__type";

/** Adds to a document that lost fields what `shapeAnswer` needs to know which fragments apply; done once a document. */
export function createAddTypeKeys(schema: GraphQLSchema): (document: DocumentNode) => DocumentNode {
  const known = new WeakMap<DocumentNode, DocumentNode>();
  return (document) => {
    const withKeys = known.get(document) ?? addTypeKeys(schema, document);
    known.set(document, withKeys);
    return withKeys;
  };
}

function addTypeKeys(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema);
  const typeField: FieldNode = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: typeKey },
    name: { kind: Kind.NAME, value: "__typename" },
  };
  return visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet: (set) =>
        isAbstractType(types.getParentType())
          ? { ...set, selections: [typeField, ...set.selections] }
          : undefined,
    }),
  );
}

export type ShapeRequest = {
  readonly schema: GraphQLSchema;
  /** The document and operation as the client sent them. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly answer: Answer;
  readonly denials: readonly GraphQLError[];
};

export function shapeAnswer({
  schema,
  document,
  operation,
  variables,
  answer,
  denials,
}: ShapeRequest): Answer {
  const errors = [...denials, ...(answer.errors ?? [])];
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables).coerced;
  const rootType = schema.getRootType(operation.operation);
  // Without data the request itself was refused, and there is nothing to shape.
  if (answer.data === undefined || !coerced || !rootType) return { ...answer, errors };
  if (answer.data === null) return { ...answer, errors };
  const shape = createShape(schema, document, coerced);
  const data = shape(rootType, answer.data, [operation.selectionSet]);
  return { ...answer, errors, data: data === forbiddenNull ? null : data };
}

/** A null where the type has an exclamation mark; the nearest nullable place above takes it. */
const forbiddenNull = Symbol("forbidden null");

type Fields = Readonly<Record<string, unknown>>;

function createShape(schema: GraphQLSchema, document: DocumentNode, variables: Fields) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }

  function shapeObject(
    type: GraphQLObjectType,
    data: Fields,
    sets: readonly SelectionSetNode[],
  ): Record<string, unknown> | typeof forbiddenNull {
    // No prototype, so that an alias like __proto__ is a key as any other.
    const shaped: Record<string, unknown> = Object.create(null);
    const fieldsByKey = new Map<string, FieldNode[]>();
    for (const set of sets) collectFields(type, set, fieldsByKey);
    for (const [key, nodes] of fieldsByKey) {
      const value = Object.hasOwn(data, key) ? data[key] : null;
      const fieldType = type.getFields()[nodes[0]?.name.value ?? ""]?.type;
      // Introspection is never taken out of a document and comes as it is.
      const completed = fieldType ? shapeValue(fieldType, value, nodes) : value;
      if (completed === forbiddenNull) return forbiddenNull;
      shaped[key] = completed;
    }
    return shaped;
  }

  function shapeValue(type: GraphQLOutputType, value: unknown, nodes: readonly FieldNode[]): unknown {
    if (isNonNullType(type)) {
      return value === null ? forbiddenNull : (shapeValue(type.ofType, value, nodes) ?? forbiddenNull);
    }
    if (value === null || value === undefined) return null;
    if (isListType(type)) {
      if (!Array.isArray(value)) return null;
      const items = value.map((item) => shapeValue(type.ofType, item, nodes));
      return items.includes(forbiddenNull) ? null : items;
    }
    if (!isCompositeType(type)) return value;
    const objectType = isObjectType(type) ? type : findTypeOf(value);
    if (!objectType || !isFields(value)) return null;
    const shaped = shapeObject(
      objectType,
      value,
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
    );
    return shaped === forbiddenNull ? null : shaped;
  }

  function findTypeOf(value: unknown): GraphQLObjectType | undefined {
    const name = isFields(value) ? value[typeKey] : undefined;
    const type = typeof name === "string" ? schema.getType(name) : undefined;
    return isObjectType(type) ? type : undefined;
  }

  function collectFields(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    into: Map<string, FieldNode[]>,
  ): void {
    for (const selection of set.selections) {
      if (!isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = into.get(key);
        if (nodes) nodes.push(selection);
        else into.set(key, [selection]);
        continue;
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment && appliesTo(type, fragment.typeCondition?.name.value)) {
        collectFields(type, fragment.selectionSet, into);
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

  return shapeObject;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
