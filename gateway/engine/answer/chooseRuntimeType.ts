import {
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { isMarker } from "../deferred/marker.ts";
import { isObject, readKey } from "../execution/data.ts";
import { invalidValue } from "./invalidValue.ts";

/**
 * Which object type a value of an interface or union has. An interface object knows only the interface, and the planner
 * does not ask further when the client wants fields of the interface alone: any implementer then reads the same.
 */
export function chooseRuntimeType(
  value: unknown,
  type: GraphQLAbstractType,
  info: GraphQLResolveInfo,
): string {
  const typename = readKey(value, "__typename");
  const named = typeof typename === "string" ? info.schema.getType(typename) : undefined;
  if (isObjectType(named) && info.schema.isSubType(type, named)) return named.name;
  const isUndecided = typename === undefined || isAbstractType(named);
  const [anyType] = info.schema.getPossibleTypes(type);
  if (isUndecided && anyType && !info.fieldNodes.some((node) => dependsOnType(node.selectionSet, type, info)))
    return anyType.name;
  // Who would have told the type has failed, and that is why it is not known.
  const reason = isUndecided && isObject(value) ? Object.values(value).find(isError) : undefined;
  if (reason) throw reason;
  throw invalidValue(
    `Expected an object of a type of ${type.name}, came one of ${isUndecided ? "no" : "another"} type.`,
  );
}

function isError(value: unknown): value is Error {
  return value instanceof Error;
}

function dependsOnType(
  set: SelectionSetNode | undefined,
  type: GraphQLAbstractType,
  info: GraphQLResolveInfo,
): boolean {
  return (set?.selections ?? []).some((selection) => {
    if (isSkipped(selection, info)) return false;
    if (selection.kind === Kind.FIELD) return selection.name.value === "__typename" && !isMarker(selection);
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
    return (
      !fragment ||
      narrows(fragment.typeCondition, type, info) ||
      dependsOnType(fragment.selectionSet, type, info)
    );
  });
}

function isSkipped(selection: SelectionNode, { variableValues }: GraphQLResolveInfo): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variableValues);
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variableValues);
  return skip?.if === true || include?.if === false;
}

function narrows(
  condition: FragmentDefinitionNode["typeCondition"] | undefined,
  type: GraphQLAbstractType,
  { schema }: GraphQLResolveInfo,
): boolean {
  const wanted = condition ? schema.getType(condition.name.value) : type;
  if (!isAbstractType(wanted)) return true;
  return !schema.getPossibleTypes(type).every((possible) => schema.isSubType(wanted, possible));
}
