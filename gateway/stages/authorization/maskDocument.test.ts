/** Properties of masking over random operations and random decisions; the named attacks are in authorizeFields.test.ts. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  buildSchema,
  type GraphQLNamedType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  parse,
  print,
  validate,
} from "graphql";
import { createAnalyseOperation } from "./analyseOperation.ts";
import { listDenials } from "./listDenials.ts";
import { maskDocument } from "./maskDocument.ts";

const schema = buildSchema(`
  type Query { a: String item: Item items: [Item!]! box: Box boxes(size: Int): [[Box]] any: [Any!] }
  interface Item { id: ID box: Box }
  type Post implements Item { id: ID box: Box title: String }
  type Memo implements Item { id: ID box: Box text: Text }
  type Box { size: Int item: Item any: Any posts: [Post] }
  union Any = Post | Memo | Box
  scalar Text
`);
const rule = { authenticated: true, scopes: undefined, policies: undefined };
const rules = new Map([
  ["Memo", rule],
  ["Text", rule],
  ["Box", rule],
  ["Post.title", rule],
]);
const analyse = createAnalyseOperation(schema, rules);
const fragmentNames = ["F0", "F1", "F2"];
const fragmentTypes = ["Item", "Box", "Memo"];

/** Selections on a type, as text. A fragment only spreads those after it, so there are no cycles. */
function selections(type: GraphQLNamedType, depth: number, spreads: readonly string[]): fc.Arbitrary<string> {
  const fields = isCompositeType(type) && !isUnionType(type) ? Object.values(type.getFields()) : [];
  const choices: fc.Arbitrary<string>[] = [fc.constant("__typename")];
  for (const field of fields) {
    const returned = getNamedType(field.type);
    if (!isCompositeType(returned))
      choices.push(fc.constant(field.name), fc.constant(`x_${type.name}_${field.name}: ${field.name}`));
    else if (depth > 0)
      choices.push(selections(returned, depth - 1, spreads).map((inner) => `${field.name} ${inner}`));
  }
  const conditions = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  for (const condition of conditions) {
    if (depth > 0)
      choices.push(
        selections(condition, depth - 1, spreads).map((inner) => `... on ${condition.name} ${inner}`),
      );
  }
  for (const name of spreads) {
    const on = fragmentTypes[fragmentNames.indexOf(name)];
    const possible = isAbstractType(type)
      ? schema.getPossibleTypes(type).map((other) => other.name)
      : [type.name];
    if (on === type.name || (on && possible.includes(on))) choices.push(fc.constant(`...${name}`));
  }
  return fc
    .array(fc.oneof(...choices), { minLength: 1, maxLength: 4 })
    .map((list) => `{ ${list.join(" ")} }`);
}

const typeNamed = (name: string | undefined) => {
  const type = schema.getType(name ?? "");
  if (!type) throw new Error(`the test's schema lacks ${name}`);
  return type;
};
const documents = fc
  .tuple(
    selections(typeNamed("Query"), 4, fragmentNames),
    ...fragmentNames.map((_, at) => selections(typeNamed(fragmentTypes[at]), 2, fragmentNames.slice(at + 1))),
  )
  .map(([query, ...fragments]) => {
    const definitions = fragments.map(
      (text, at) => `fragment ${fragmentNames[at]} on ${fragmentTypes[at]} ${text}`,
    );
    const used = definitions.filter((_, at) =>
      [query, ...fragments.slice(0, at)].some((text) => text.includes(`...${fragmentNames[at]}`)),
    );
    return parse([query, ...used].join("\n"));
  })
  .filter((document) => validate(schema, document).length === 0);

const coordinates = Object.values(schema.getTypeMap())
  .filter((type) => isCompositeType(type) && !isUnionType(type) && !type.name.startsWith("__"))
  .flatMap((type) =>
    "getFields" in type ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
  );
const decisions = fc
  .subarray([...coordinates, ...rules.keys()], { maxLength: 8 })
  .map((denied) => new Set(denied));

/** The requests of an operation that these decisions deny. */
const deniedIn = ({ requests }: ReturnType<typeof analyse>, coordinates: ReadonlySet<string>) =>
  new Map(
    requests.flatMap(({ coordinate }, at) =>
      coordinates.has(coordinate) ? [[at, { coordinate, reason: "POLICY_NOT_SATISFIED" }] as const] : [],
    ),
  );

describe("maskDocument", () => {
  test("leaves a valid document without a denied coordinate, and loses nothing else", () => {
    fc.assert(
      fc.property(documents, decisions, (document, coordinates) => {
        const access = analyse(document, undefined);
        const denied = deniedIn(access, coordinates);
        const masked = maskDocument(access, denied);
        if (masked.nothingLeft) {
          expect(countLeaves(access, denied)).toBe(0);
          return;
        }
        expect(validate(schema, masked.document)).toEqual([]);
        const left = analyse(masked.document, undefined);
        expect(deniedIn(left, coordinates).size).toBe(0);
        expect(countLeaves(left, new Map())).toBe(countLeaves(access, denied));
      }),
      { numRuns: 500 },
    );
  });

  test("masks what is already masked to the same", () => {
    fc.assert(
      fc.property(documents, decisions, (document, coordinates) => {
        const mask = (masked: typeof document) => {
          const access = analyse(masked, undefined);
          return maskDocument(access, deniedIn(access, coordinates));
        };
        const once = mask(document);
        if (once.nothingLeft) return;
        const twice = mask(once.document);
        expect(print(twice.document)).toBe(print(once.document));
      }),
      { numRuns: 200 },
    );
  });

  test("has a denial to report exactly when something was lost", () => {
    fc.assert(
      fc.property(documents, decisions, (document, coordinates) => {
        const access = analyse(document, undefined);
        const denied = deniedIn(access, coordinates);
        const lost = countLeaves(access, new Map()) > countLeaves(access, denied);
        expect(listDenials(access, denied, {}).length > 0).toBe(lost);
      }),
      { numRuns: 200 },
    );
  });
});

/** Leaves that an execution reaches, each as often as it is selected, without those below a denied field. */
function countLeaves(
  { operation, fragments, guards }: ReturnType<typeof analyse>,
  denied: ReadonlyMap<number, unknown>,
): number {
  const count = (set: (typeof operation)["selectionSet"]): number =>
    set.selections
      .map((selection) => {
        if (selection.kind === "FragmentSpread") {
          const fragment = fragments.get(selection.name.value);
          return fragment ? count(fragment.selectionSet) : 0;
        }
        if (selection.kind === "InlineFragment") return count(selection.selectionSet);
        if (guards.get(selection)?.some((request) => denied.has(request))) return 0;
        return selection.selectionSet ? count(selection.selectionSet) : 1;
      })
      .reduce((sum, part) => sum + part, 0);
  return count(operation.selectionSet);
}
