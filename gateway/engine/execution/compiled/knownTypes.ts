/** Types of the graph: as clients see them, and beyond that as the supergraph has them. */
import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import { NotCompilable } from "./shape.ts";

export type KnownTypes = {
  readonly fits: (typeName: string, condition: string) => boolean;
  readonly isAbstract: (typeName: string) => boolean;
  /** Names of object types: itself, or those of an interface or union. */
  readonly possibleTypes: (typeName: string) => readonly string[];
  readonly typeOfField: (typeName: string, fieldName: string) => GraphQLOutputType;
};

export function createKnownTypes(apiSchema: GraphQLSchema, supergraphSchema: GraphQLSchema): KnownTypes {
  const schemaOf = (typeName: string) => (apiSchema.getType(typeName) ? apiSchema : supergraphSchema);
  const typeOf = (typeName: string): GraphQLNamedType | undefined =>
    schemaOf(typeName).getType(typeName) ?? undefined;
  return {
    isAbstract: (typeName) => isAbstractType(typeOf(typeName)),
    fits: (typeName, condition) => {
      if (typeName === condition) return true;
      const type = supergraphSchema.getType(typeName);
      const wanted = supergraphSchema.getType(condition);
      return isAbstractType(wanted) && isObjectType(type) && supergraphSchema.isSubType(wanted, type);
    },
    possibleTypes: (typeName) => {
      const type = typeOf(typeName);
      if (!isAbstractType(type)) return [typeName];
      return schemaOf(typeName)
        .getPossibleTypes(type)
        .map(({ name }) => name);
    },
    typeOfField: (typeName, fieldName) => {
      for (const schema of [apiSchema, supergraphSchema]) {
        const type = schema.getType(typeName);
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
        if (field) return field.type;
      }
      throw new NotCompilable(`a field that the graph does not know: ${typeName}.${fieldName}`);
    },
  };
}
