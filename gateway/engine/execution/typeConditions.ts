/** Questions about runtime types, answered by the supergraph schema: it knows inaccessible types too. */
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from "graphql";
import { readKey } from "./data.ts";

export type TypeConditions = {
  readonly isObjectType: (name: unknown) => boolean;
  /** Whether an object fits the condition by its `__typename`; undefined when it does not say its type. */
  readonly fits: (object: unknown, condition: string) => boolean | undefined;
};

export function createTypeConditions(schema: GraphQLSchema): TypeConditions {
  return {
    isObjectType: (name) => typeof name === "string" && isObjectType(schema.getType(name)),
    fits: (object, condition) => {
      const name = readKey(object, "__typename");
      if (typeof name !== "string") return undefined;
      if (name === condition) return true;
      const type = schema.getType(name);
      const wanted = schema.getType(condition);
      return (
        isAbstractType(wanted) &&
        (isObjectType(type) || isInterfaceType(type)) &&
        schema.isSubType(wanted, type)
      );
    },
  };
}
