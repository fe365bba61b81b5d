/**
 * The promise of authorization as a whole: the answer is what the operation as sent would give if every denied field
 * resolved to null. graphql-js executes it both ways: masked, then shaped; and whole, with null resolvers as the oracle.
 */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql";
import { createAnalyseOperation } from "./stages/authorization/analyseOperation.ts";
import { maskDocument } from "./stages/authorization/maskDocument.ts";
import { createAddHiddenFields } from "./stages/objects/addHiddenFields.ts";
import { shapeAnswer } from "./stages/shapeAnswer.ts";

const schema = buildSchema(`
  type Query { a: String item: Item items: [Item!] box: Box strict: Box! boxes: [[Box!]]! any: [Any!] }
  interface Item { id: ID! box: Box }
  type Post implements Item { id: ID! box: Box title: String! }
  type Memo implements Item { id: ID! box: Box text: String owner: Post! }
  type Box { size: Int! item: Item any: Any! posts: [Post!] tags: [String!]! }
  union Any = Post | Memo | Box
`);
const analyse = createAnalyseOperation(schema, new Map());
const addTypeKeys = createAddHiddenFields(schema, new Map());

/** Names under which a field may appear besides its own; the same name for the same field, so that all documents merge. */
function selections(type: GraphQLNamedType, depth: number): fc.Arbitrary<string> {
  const fields = isCompositeType(type) && !isUnionType(type) ? Object.values(type.getFields()) : [];
  const choices: fc.Arbitrary<string>[] = fields.flatMap((field) => {
    const returned = getNamedType(field.type);
    if (!isCompositeType(returned))
      return [fc.constant(field.name), fc.constant(`${type.name}_${field.name}: ${field.name}`)];
    return depth > 0 ? [selections(returned, depth - 1).map((inner) => `${field.name} ${inner}`)] : [];
  });
  const conditions = isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [];
  for (const condition of depth > 0 ? conditions : []) {
    if (!isUnionType(condition)) {
      choices.push(selections(condition, depth - 1).map((inner) => `... on ${condition.name} ${inner}`));
    }
  }
  // A union offers nothing else when there is no depth left for fragments.
  if (choices.length === 0) choices.push(fc.constant(`... on Post { title }`));
  return fc
    .array(fc.oneof(...choices), { minLength: 1, maxLength: 4 })
    .map((list) => `{ ${list.join(" ")} }`);
}

const queryType = schema.getQueryType();
if (!queryType) throw new Error("the test's schema has a query type");
const documents = selections(queryType, 4)
  .map((text) => parse(text))
  .filter((document) => validate(schema, document).length === 0);
const coordinates = Object.values(schema.getTypeMap())
  .filter((type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith("__"))
  .flatMap((type) =>
    "getFields" in type ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
  );
const decisions = fc.subarray(coordinates, { minLength: 1, maxLength: 6 }).map((denied) => new Set(denied));

describe("a denied field", () => {
  test("is null in the answer, and everything else is as it would be", () => {
    let compared = 0;
    fc.assert(
      fc.property(documents, decisions, fc.nat(), (document, coordinates, seed) => {
        const access = analyse(document, undefined);
        const denied = new Set(
          access.requests.flatMap(({ coordinate }, at) => (coordinates.has(coordinate) ? [at] : [])),
        );
        const { document: left, nothingLeft } = maskDocument(access, denied);
        if (nothingLeft) return;
        compared += 1;
        const rootValue = { seed };
        const answer = executeSync({
          schema,
          document: addTypeKeys(left).document,
          rootValue,
          fieldResolver: inventValue,
        });
        const shaped = shapeAnswer({
          schema,
          document,
          operation: operationOf(document),
          variables: {},
          answer,
          denials: [],
          decisionId: "d",
          objects: undefined,
        });

        const survivors = findSurvivors(access.operation.selectionSet, access.guards, denied);
        const oracle = executeSync({
          schema,
          document,
          rootValue,
          fieldResolver: (source, args, context, info) =>
            info.fieldNodes.some((node) => survivors.has(node))
              ? inventValue(source, args, context, info)
              : null,
        });
        expect(JSON.stringify(shaped.answer.data)).toBe(JSON.stringify(oracle.data));
      }),
      { numRuns: 1_000 },
    );
    // Most operations lose something and keep something, or the property says little.
    expect(compared).toBeGreaterThan(500);
  });
});

/** Field nodes that are neither denied nor emptied by denials, nor below one that is. */
function findSurvivors(
  root: SelectionSetNode,
  guards: ReadonlyMap<FieldNode, readonly number[]>,
  denied: ReadonlySet<number>,
): ReadonlySet<FieldNode> {
  const survivors = new Set<FieldNode>();
  const visit = (set: SelectionSetNode): boolean =>
    set.selections
      .map((selection) => {
        if (selection.kind === "FragmentSpread") throw new Error("these documents have no named fragments");
        if (selection.kind === "InlineFragment") return visit(selection.selectionSet);
        if (guards.get(selection)?.some((request) => denied.has(request))) return false;
        const isLeft = selection.selectionSet ? visit(selection.selectionSet) : true;
        if (isLeft) survivors.add(selection);
        return isLeft;
      })
      .some((isLeft) => isLeft);
  visit(root);
  return survivors;
}

/** The same value for the same place, whichever way it is executed: objects, lists of any length, nulls where allowed. */
const inventValue: GraphQLFieldResolver<unknown, unknown> = (source, _args, _context, info) => {
  const seed = hash(`${(source as { seed: number }).seed}.${info.fieldName}`); // every source is made below
  const invent = (type: GraphQLOutputType, at: number): unknown => {
    if (!isNonNullType(type) && at % 6 === 0) return null;
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      return Array.from({ length: at % 4 }, (_, index) => invent(nullable.ofType, hash(`${at}.${index}`)));
    }
    if (isAbstractType(nullable)) {
      const possible = schema.getPossibleTypes(nullable);
      return { seed: at, __typename: possible[at % possible.length]?.name };
    }
    return isObjectType(nullable) ? { seed: at, __typename: nullable.name } : at % 1_000;
  };
  return invent(info.returnType, seed);
};

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (value * 31 + character.charCodeAt(0)) % 1_000_003;
  return value;
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const found = document.definitions.find((definition) => definition.kind === "OperationDefinition");
  if (!found) throw new Error("the document has an operation");
  return found;
}
