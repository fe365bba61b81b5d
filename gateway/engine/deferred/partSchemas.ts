import { type GraphQLObjectType, GraphQLSchema, isObjectType, OperationTypeNode } from "graphql";

/** graphql-js executes from a root type alone, so there is a schema for each type that a deferred fragment is on. */
export type PartSchemas = {
  readonly schema: GraphQLSchema;
  readonly find: (type: GraphQLObjectType) => PartSchema;
};

/** `kind` is the kind of operation whose root type it is. */
type PartSchema = { readonly schema: GraphQLSchema; readonly kind: "query" | "subscription" };

export function createPartSchemas(schema: GraphQLSchema): PartSchemas {
  const config = schema.toConfig();
  const known = new Map<string, GraphQLSchema>();
  return {
    schema,
    find: (type) => {
      if (type === schema.getQueryType()) return { schema, kind: OperationTypeNode.QUERY };
      const found =
        known.get(type.name) ?? new GraphQLSchema({ ...config, subscription: type, assumeValid: true });
      known.set(type.name, found);
      return { schema: found, kind: OperationTypeNode.SUBSCRIPTION };
    },
  };
}

export function findObjectType(schema: GraphQLSchema, name: unknown): GraphQLObjectType | undefined {
  const type = typeof name === "string" ? schema.getType(name) : undefined;
  return isObjectType(type) ? type : undefined;
}
