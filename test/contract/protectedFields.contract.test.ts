import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import {
  type ASTNode,
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  print,
  type TypeNode,
  valueFromASTUntyped,
  visit,
} from "graphql";

const rules = new Set(["authenticated", "requiresScopes", "policy"]);
const subgraphs = readdirSync("subgraphs").filter((name) =>
  readdirSync(`subgraphs/${name}`).includes("schema.graphql"),
);

describe.each(subgraphs)("protected fields of %s", (name) => {
  const document = parse(readFileSync(`subgraphs/${name}/schema.graphql`, "utf8"));

  test("are nullable, so that one denial does not take the rest of an answer with it", () => {
    const nonNull: string[] = [];
    visit(document, {
      FieldDefinition: (field) => {
        if (isProtected(field) && field.type.kind === Kind.NON_NULL_TYPE)
          nonNull.push(`${field.name.value}: ${print(field.type)}`);
      },
    });
    expect(nonNull).toEqual([]);
  });

  test("say for a mutation who may do it and who may see what comes of it, so that a denied answer means nothing was done", () => {
    const unguarded: string[] = [];
    visit(parse(readFileSync(`subgraphs/${name}/schema.graphql`, "utf8")), {
      ObjectTypeDefinition: ({ name: type, fields = [] }) => {
        if (type.value !== "Mutation") return false;
        for (const field of fields) {
          const rulesOf = new Set(field.directives?.map((directive) => directive.name.value));
          if (!rulesOf.has("requiresScopes") || !rulesOf.has("policy")) unguarded.push(field.name.value);
        }
        return false;
      },
    });
    expect(unguarded).toEqual([]);
  });

  test("are also those whose type is closed to callers who may read what they stand in", () => {
    const policies = new Map<string, readonly string[]>();
    visit(document, {
      ObjectTypeDefinition: (type) => void policies.set(type.name.value, policiesOf(type)),
    });
    const closed: string[] = [];
    visit(document, {
      ObjectTypeDefinition: ({ name: { value: parent }, fields = [] }) => {
        for (const field of fields) {
          if (isProtected(field) || field.type.kind !== Kind.NON_NULL_TYPE) continue;
          const wanted = policies.get(namedTypeOf(field.type)) ?? [];
          // A type without a policy is reached through a field that has one; that field's own test covers it.
          const given = policies.get(parent) ?? [];
          if (given.some((policy) => wanted.length > 0 && !wanted.includes(policy)))
            closed.push(`${parent}.${field.name.value}: ${print(field.type)}`);
        }
      },
    });
    expect(closed).toEqual([]);
  });
});

function isProtected({ directives = [] }: FieldDefinitionNode): boolean {
  return directives.some((directive) => rules.has(directive.name.value));
}

/** The alternatives of a type's `@policy`, each as one text; none of ours joins several with "and". */
function policiesOf({
  directives = [],
}: ASTNode & { readonly directives?: readonly ConstDirectiveNode[] }): string[] {
  const policies = directives
    .find(({ name }) => name.value === "policy")
    ?.arguments?.find(({ name }) => name.value === "policies");
  if (policies === undefined) return [];
  const alternatives = valueFromASTUntyped(policies.value) as readonly (readonly string[])[]; // [[Policy!]!]! by the specification
  return alternatives.map((alternative) => alternative.join(" and "));
}

function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}
