import { type GraphQLFieldResolver, GraphQLObjectType, type GraphQLSchema } from "graphql";

type FieldResolvers = Readonly<Record<string, unknown>>;

/** Puts resolvers on a schema that was built from SDL, in place. */
export function addResolvers(
  schema: GraphQLSchema,
  resolvers: Readonly<Record<string, FieldResolvers>>,
): GraphQLSchema {
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!(type instanceof GraphQLObjectType)) throw new Error(`${typeName} is no object type of the schema`);
    for (const [fieldName, resolver] of Object.entries(fields)) {
      const field = type.getFields()[fieldName];
      if (!field) throw new Error(`${typeName} has no field ${fieldName}`);
      if (typeof resolver === "function")
        field.resolve = resolver as GraphQLFieldResolver<unknown, unknown>; // Checked by the answers themselves.
      else if (hasSubscribe(resolver)) field.subscribe = resolver.subscribe;
    }
  }
  return schema;
}

function hasSubscribe(value: unknown): value is { subscribe: GraphQLFieldResolver<unknown, unknown> } {
  return typeof value === "object" && value !== null && "subscribe" in value;
}
