/**
 * What of the schema an operation touches, and which field of the document needs which decision. Depends on the document
 * and on which arguments rules read, so it is done once for a document and shared by all callers.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { FieldRequest } from "../../../policies/runtime/decideFields.ts";
import type { SecurityRules } from "../../supergraph/securityRules.ts";
import { createFieldCoordinates } from "./fieldCoordinates.ts";

export type OperationAccess = {
  readonly kind: OperationDefinitionNode["operation"];
  readonly name: string | undefined;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** For each field of the document that is not free, by index into `requests`: all of them must be allowed. Nodes are told apart by identity. */
  readonly guards: ReadonlyMap<FieldNode, readonly number[]>;
  /** Fields that answer a list, with the depth of it; all others answer one value. */
  readonly listDepths: ReadonlyMap<FieldNode, number>;
  /** What the policy is asked: one request for each coordinate, and one for each field whose arguments it reads. */
  readonly requests: readonly AccessRequest[];
  /** Whether a rule reads arguments of one of them. */
  readonly hasArguments: boolean;
};

export type AccessRequest = FieldRequest & {
  /** The field whose arguments a rule reads; its values depend on the variables. */
  readonly reads?: ArgumentsOfField;
};

export type ArgumentsOfField = {
  readonly field: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly names: readonly string[];
};

/** Names of arguments that rules read, by coordinate of their field. */
export type ReadArguments = ReadonlyMap<string, readonly string[]>;

export type AnalyseOperation = (document: DocumentNode, operationName: string | undefined) => OperationAccess;

export function createAnalyseOperation(
  schema: GraphQLSchema,
  rules: SecurityRules,
  readArguments: ReadArguments = new Map(),
): AnalyseOperation {
  const coordinatesOf = createFieldCoordinates(schema, rules);
  const analysed = new WeakMap<DocumentNode, Map<string | undefined, OperationAccess>>();

  function analyse(document: DocumentNode, operationName: string | undefined): OperationAccess {
    const operation = selectOperation(document, operationName);
    const fragments = fragmentsOf(document);
    const guards = new Map<FieldNode, readonly number[]>();
    const requests: AccessRequest[] = [];
    const indexOf = new Map<string, number>();
    const listDepths = new Map<FieldNode, number>();
    const visited = new Set<string>();

    function visitSelections(parent: GraphQLCompositeType, { selections }: SelectionSetNode): void {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) visitField(parent, selection);
        else if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value;
          visitSelections(condition === undefined ? parent : getComposite(condition), selection.selectionSet);
        } else visitFragment(selection.name.value);
      }
    }

    /** A fragment means the same wherever it is spread: its type condition is all that its fields know of their parent. */
    function visitFragment(name: string): void {
      const fragment = fragments.get(name);
      if (!fragment || visited.has(name)) return;
      visited.add(name);
      visitSelections(getComposite(fragment.typeCondition.name.value), fragment.selectionSet);
    }

    function visitField(parent: GraphQLCompositeType, field: FieldNode): void {
      const coordinates = coordinatesOf(parent, field.name.value);
      if (coordinates.length > 0)
        guards.set(
          field,
          coordinates.map((coordinate) => request(coordinate, field)),
        );
      const type = isUnionType(parent) ? undefined : parent.getFields()[field.name.value]?.type;
      if (!type) return;
      const depth = String(type).split("[").length - 1;
      if (depth > 0) listDepths.set(field, depth);
      const returned = getNamedType(type);
      if (field.selectionSet && isCompositeType(returned)) visitSelections(returned, field.selectionSet);
    }

    function request(coordinate: string, field: FieldNode): number {
      const known = indexOf.get(coordinate);
      if (known !== undefined) return known;
      const reads = findRead(coordinate, field);
      const index = requests.push({ ...toRequest(coordinate, rules), ...(reads && { reads }) }) - 1;
      if (!reads) indexOf.set(coordinate, index);
      return index;
    }

    const root = schema.getRootType(operation.operation);
    if (!root)
      throw new Error(`a valid document has an operation that the schema lacks: ${operation.operation}`);
    visitSelections(root, operation.selectionSet);
    return {
      kind: operation.operation,
      name: operation.name?.value,
      operation,
      fragments,
      guards,
      listDepths,
      requests,
      hasArguments: requests.some(({ reads }) => reads !== undefined),
    };
  }

  function findRead(coordinate: string, field: FieldNode): ArgumentsOfField | undefined {
    const names = readArguments.get(coordinate);
    const [typeName = "", fieldName = ""] = coordinate.split(".");
    const type = names && schema.getType(typeName);
    const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
    return names && definition && { field, definition, names };
  }

  function getComposite(name: string): GraphQLCompositeType {
    const type = schema.getType(name);
    if (!isCompositeType(type))
      throw new Error(`a valid document has a fragment on ${name}, not a composite type`);
    return type;
  }

  return (document, operationName) => {
    const byName = analysed.get(document) ?? new Map<string | undefined, OperationAccess>();
    analysed.set(document, byName);
    const access = byName.get(operationName) ?? analyse(document, operationName);
    byName.set(operationName, access);
    return access;
  };
}

function selectOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const found =
    operationName === undefined
      ? operations[0]
      : operations.find(({ name }) => name?.value === operationName);
  if (!found || (operationName === undefined && operations.length > 1))
    throw new Error("authorizeFields expects a document of which one operation is selected");
  return found;
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
}

export function toRequest(coordinate: string, rules: SecurityRules): FieldRequest {
  const rule = rules.get(coordinate);
  return {
    coordinate,
    authenticated: rule?.authenticated ?? false,
    scopes: rule?.scopes ?? null,
    policies: rule?.policies ?? null,
  };
}

/** The arguments of a field as they are when a client gives none. */
export function defaultArguments(
  schema: GraphQLSchema,
  coordinate: string,
): Readonly<Record<string, unknown>> {
  const [typeName = "", fieldName = ""] = coordinate.split(".");
  const type = schema.getType(typeName);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
  return Object.fromEntries(field?.args.map(({ name, defaultValue }) => [name, defaultValue ?? null]) ?? []);
}
