import { GraphQLError, type GraphQLOutputType, isCompositeType, isListType, isNonNullType } from "graphql";
import { isObject } from "../execution/data.ts";

/** graphql-js would read fields from whatever stands for an object; here it must be one. */
export function checkValue(value: unknown, type: GraphQLOutputType): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (isNonNullType(type)) return checkValue(value, type.ofType);
  if (isListType(type)) {
    if (!Array.isArray(value))
      return new GraphQLError(`Expected a list for type ${type}, came ${typeof value}.`);
    return isLeafList(type.ofType) ? value : value.map((item) => checkValue(item, type.ofType));
  }
  if (isCompositeType(type) && !isObject(value))
    return new GraphQLError(
      `Expected an object of type ${type}, came ${Array.isArray(value) ? "list" : typeof value}.`,
    );
  return value;
}

function isLeafList(type: GraphQLOutputType): boolean {
  const item = isNonNullType(type) ? type.ofType : type;
  return !isListType(item) && !isCompositeType(item);
}
