import {
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isCompositeType,
  isListType,
  isNonNullType,
} from "graphql";
import { ABSENT, isObject } from "../execution/data.ts";
import { invalidValue } from "./invalidValue.ts";

/**
 * What graphql-js would let pass: a field that no subgraph was asked for, or that a subgraph left out, is not a null but
 * an error; and what stands for an object must be one.
 */
export function checkValue(
  value: unknown,
  { returnType, parentType, fieldName }: GraphQLResolveInfo,
): unknown {
  if (value === ABSENT) return null;
  if (value === undefined) return invalidValue(`No subgraph answered for ${parentType.name}.${fieldName}.`);
  return checkType(value, returnType);
}

function checkType(value: unknown, type: GraphQLOutputType): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (isNonNullType(type)) return checkType(value, type.ofType);
  if (isListType(type)) {
    if (!Array.isArray(value)) return invalidValue(`Expected a list for type ${type}, came ${typeof value}.`);
    return isLeafList(type.ofType) ? value : value.map((item) => checkType(item, type.ofType));
  }
  if (isCompositeType(type) && !isObject(value))
    return invalidValue(
      `Expected an object of type ${type}, came ${Array.isArray(value) ? "list" : typeof value}.`,
    );
  return value;
}

function isLeafList(type: GraphQLOutputType): boolean {
  const item = isNonNullType(type) ? type.ofType : type;
  return !isListType(item) && !isCompositeType(item);
}
