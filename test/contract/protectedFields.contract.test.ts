import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { type FieldDefinitionNode, Kind, parse, print, visit } from "graphql";

const rules = new Set(["authenticated", "requiresScopes", "policy"]);
const subgraphs = readdirSync("subgraphs").filter((name) =>
  readdirSync(`subgraphs/${name}`).includes("schema.graphql"),
);

describe.each(subgraphs)("protected fields of %s", (name) => {
  test("are nullable, so that one denial does not take the rest of an answer with it", () => {
    const nonNull: string[] = [];
    visit(parse(readFileSync(`subgraphs/${name}/schema.graphql`, "utf8")), {
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
});

function isProtected({ directives = [] }: FieldDefinitionNode): boolean {
  return directives.some((directive) => rules.has(directive.name.value));
}
