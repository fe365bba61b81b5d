/**
 * A GraphQLSchema from SDL, a few milliseconds at a time: graphql-js would hold the thread for as long as all of it takes,
 * a quarter of a second for two thousand types.
 */
import {
  type DefinitionNode,
  GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  specifiedDirectives,
} from "graphql";
import { extendSchemaImpl } from "graphql/utilities/extendSchema.js";

/** After so much work others get their turn. */
const sliceMs = 5;

/** `parts` are whole definitions of a valid schema. */
export async function buildSchema(parts: readonly string[]): Promise<GraphQLSchema> {
  const rest = createRest();
  const definitions: DefinitionNode[] = [];
  for (const part of parts) {
    definitions.push(...parse(part, { noLocation: true }).definitions);
    await rest();
  }
  // What graphql-js's own `buildASTSchema` calls; here its types are asked for their fields one by one before the
  // schema asks them all.
  const config = extendSchemaImpl(
    emptyConfig,
    { kind: Kind.DOCUMENT, definitions },
    { assumeValidSDL: true },
  );
  const root = (name: string) => config.types.filter(isObjectType).find((type) => type.name === name);
  for (const type of config.types) {
    if (isObjectType(type) || isInterfaceType(type)) {
      type.getFields();
      type.getInterfaces();
    }
    if (isInputObjectType(type)) type.getFields();
    await rest();
  }
  const known = new Set(config.directives.map(({ name }) => name));
  const roots = config.astNode
    ? {}
    : { query: root("Query"), mutation: root("Mutation"), subscription: root("Subscription") };
  return new GraphQLSchema({
    ...config,
    ...roots,
    directives: [...config.directives, ...specifiedDirectives.filter(({ name }) => !known.has(name))],
    assumeValid: true,
  });
}

const emptyConfig: Parameters<typeof extendSchemaImpl>[0] = {
  description: undefined,
  query: undefined,
  mutation: undefined,
  subscription: undefined,
  types: [],
  directives: [],
  extensions: {},
  astNode: undefined,
  extensionASTNodes: [],
  assumeValid: false,
};

function createRest(): () => Promise<void> | undefined {
  let startedAt = performance.now();
  return () => {
    if (performance.now() - startedAt < sliceMs) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        startedAt = performance.now();
        resolve();
      });
    });
  };
}
