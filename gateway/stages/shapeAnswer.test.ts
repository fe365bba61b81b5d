import { describe, expect, test } from "@jest/globals";
import {
  buildSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  visit,
} from "graphql";
import { createAddHiddenFields } from "./objects/addHiddenFields.ts";
import { shapeAnswer } from "./shapeAnswer.ts";

const schema = buildSchema(`
  type Query { me: Person people: [Person!]! maybe: [Person!] matrix: [[Person]] item: Item any: Any secret: String }
  interface Item { id: ID! }
  type Person implements Item { id: ID! name: String salary: Int mustHave: Int! boss: Person needed: Person! }
  type Car implements Item { id: ID! plate: String salary: String }
  union Any = Person | Car
`);

const anna: Record<string, unknown> = { __typename: "Person", id: "1", name: "Anna", mustHave: 7, salary: 9 };
anna.boss = { ...anna, id: "2", name: "Bob" };
anna.needed = anna.boss;
const rootValue = {
  me: anna,
  people: [anna, anna.boss],
  maybe: [anna],
  matrix: [[anna, null], null],
  item: anna,
  any: anna,
  secret: "x",
};
const denial = { path: ["secret"], coordinate: "Query.secret", reason: "POLICY_NOT_SATISFIED" };
const rest = { decisionId: "d", objects: undefined };

/** Fields whose response name begins with "secret" or "_secret" are lost, and so are sets that they leave empty. */
function lose(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: {
      leave: (field) => {
        const isLost = (field.alias ?? field.name).value.startsWith("secret");
        return isLost || field.selectionSet?.selections.length === 0 ? null : undefined;
      },
    },
    InlineFragment: {
      leave: (fragment) => (fragment.selectionSet.selections.length === 0 ? null : undefined),
    },
  });
}

function shape(text: string, variables: Record<string, unknown> = {}) {
  const document = parse(text);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) throw new Error("no operation");
  const executed = createAddHiddenFields(schema, new Map())(lose(document)).document;
  const answer = execute({ schema, document: executed, rootValue, variableValues: variables });
  if (answer instanceof Promise) throw new Error("not synchronous");
  const shaped = shapeAnswer({ schema, document, operation, variables, answer, denials: [denial], ...rest });
  return JSON.stringify(shaped.answer.data);
}

describe("shapeAnswer", () => {
  test("puts a null where a field was lost, in the order that the client asked for", () => {
    expect(shape("{ me { id secret: salary name } secret a: __typename }")).toBe(
      '{"me":{"id":"1","secret":null,"name":"Anna"},"secret":null,"a":"Query"}',
    );
  });

  test("gives null for an object of which nothing was left", () => {
    expect(shape("{ me { secret: salary } item { id } }")).toBe('{"me":null,"item":{"id":"1"}}');
  });

  test("moves a null that may not be up to the nearest place that may", () => {
    expect(shape("{ me { id secret: mustHave } item { id } }")).toBe('{"me":null,"item":{"id":"1"}}');
    expect(shape("{ me { id needed { secret: mustHave id } } }")).toBe('{"me":null}');
    expect(shape("{ maybe { secret: mustHave id } matrix { secret: mustHave id } }")).toBe(
      '{"maybe":null,"matrix":[[null,null],null]}',
    );
    expect(shape("{ people { secret: mustHave id } }")).toBe("null");
  });

  test("asks a fragment's type before it puts a null", () => {
    const asPerson = "... on Person { secret: salary name }";
    const asCar = "... on Car { secretPlate: plate }";
    expect(shape(`{ item { id ${asPerson} ${asCar} } }`)).toBe(
      '{"item":{"id":"1","secret":null,"name":"Anna"}}',
    );
    expect(shape(`{ any { ${asPerson} ${asCar} ... on Item { id } } }`)).toBe(
      '{"any":{"secret":null,"name":"Anna","id":"1"}}',
    );
  });

  test("follows named fragments, and merges what is asked for twice", () => {
    const text =
      "{ me { ...F } me { boss { name } } } fragment F on Person { secret: salary boss { secret: salary id } }";
    expect(shape(text)).toBe('{"me":{"secret":null,"boss":{"secret":null,"id":"2","name":"Bob"}}}');
  });

  test("leaves out what a condition leaves out, by value, variable and default", () => {
    const text = `query ($yes: Boolean!, $no: Boolean = false) {
      me { id secret: salary @include(if: $no) secret2: salary @skip(if: $yes) secret3: salary @include(if: $yes) }
      secret @skip(if: true)
    }`;
    expect(shape(text, { yes: true })).toBe('{"me":{"id":"1","secret3":null}}');
  });

  test("keeps an alias like __proto__ what it is", () => {
    expect(shape("{ me { __proto__: name secret: salary } }")).toBe(
      '{"me":{"__proto__":"Anna","secret":null}}',
    );
  });

  test("says first what was denied, then what went wrong", () => {
    const document = parse("{ me { id } }");
    const failure = new GraphQLError("later");
    const shaped = shapeAnswer({
      schema,
      document,
      operation: document.definitions[0] as OperationDefinitionNode,
      variables: {},
      answer: { data: { me: null }, errors: [failure] },
      denials: [denial],
      ...rest,
    });
    expect(shaped.answer.errors?.map(({ message }) => message)).toEqual([
      "Unauthorized field or type",
      "later",
    ]);
  });

  test("leaves an answer without data without", () => {
    const document = parse("query ($x: Int!) { secret }");
    const operation = document.definitions[0] as OperationDefinitionNode;
    const answer = { errors: [new GraphQLError("refused")] };
    const shaped = shapeAnswer({
      schema,
      document,
      operation,
      variables: {},
      answer,
      denials: [denial],
      ...rest,
    });
    expect(shaped.answer).not.toHaveProperty("data");
  });
});
