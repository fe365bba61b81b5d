import { GraphQLObjectType, GraphQLSchema, isInterfaceType } from "graphql";

/**
 * graphql-js completes a value of an interface as one of its object types. Where every subgraph that has the objects
 * keeps them to itself, an interface object leaves an interface without any: it gets one here, which no client sees.
 */
export function toCompletableSchema(schema: GraphQLSchema): GraphQLSchema {
  const lone = Object.values(schema.getTypeMap())
    .filter(isInterfaceType)
    .filter((type) => schema.getPossibleTypes(type).length === 0);
  if (lone.length === 0) return schema;
  const config = schema.toConfig();
  const implementers = lone.map((type) => {
    const { fields } = type.toConfig();
    return new GraphQLObjectType({
      name: `${type.name}_object`,
      interfaces: [type, ...type.getInterfaces()],
      fields,
    });
  });
  return new GraphQLSchema({ ...config, types: [...config.types, ...implementers], assumeValid: true });
}
