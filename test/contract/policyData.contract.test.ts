/** Schema, policies and issuer name the same labels, scopes and coordinates; a name that only one knows denies or opens. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { type DirectiveNode, type DocumentNode, parse, valueFromASTUntyped, visit } from "graphql";
import { demoUsers, scopes } from "../../infra/local/issuer/demoUsers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const data = JSON.parse(readFileSync(join(root, "policies/access/data.json"), "utf8"));
const schemas = readdirSync(join(root, "subgraphs"))
  .filter((name) => name !== "shared" && !name.endsWith(".md"))
  .map(
    (name) => [name, parse(readFileSync(join(root, "subgraphs", name, "schema.graphql"), "utf8"))] as const,
  );

const readArgument = (schema: DocumentNode, directive: string, argument: string): unknown[] => {
  const found: unknown[] = [];
  visit(schema, {
    Directive: (node: DirectiveNode) => {
      if (node.name.value !== directive) return;
      for (const { name, value } of node.arguments ?? []) {
        if (name.value === argument) found.push(valueFromASTUntyped(value));
      }
    },
  });
  return found;
};
const flatten = (found: unknown[]) => [...new Set(found.flat(2))];

describe.each(schemas)("the access rules of %s", (_, schema) => {
  test("name labels that the policy knows", () => {
    const labels = flatten(readArgument(schema, "policy", "policies"));
    expect(labels.filter((label) => !Object.hasOwn(data.labels, String(label)))).toEqual([]);
  });

  test("name scopes that the issuer grants somebody", () => {
    const granted = new Set(Object.values(demoUsers).flatMap((user) => user.scopes));
    const asked = flatten(readArgument(schema, "requiresScopes", "scopes"));
    expect(
      asked.filter((scope) => !granted.has(String(scope)) || !scopes.some((known) => known === scope)),
    ).toEqual([]);
  });

  test("have no empty list, which Apollo would read as everybody", () => {
    for (const lists of [
      readArgument(schema, "policy", "policies"),
      readArgument(schema, "requiresScopes", "scopes"),
    ]) {
      for (const alternatives of lists) {
        expect(alternatives).not.toEqual([]);
        expect(alternatives).not.toContainEqual([]);
      }
    }
  });
});

test("what is granted to anonymous callers exists, and is nothing that a rule guards", () => {
  const fields = new Map<string, readonly string[]>();
  for (const [, schema] of schemas) {
    for (const definition of schema.definitions) {
      if (!("fields" in definition) || !definition.name) continue;
      for (const field of definition.fields ?? []) {
        const coordinate = `${definition.name.value}.${field.name.value}`;
        const directives = field.directives?.map(({ name }) => name.value) ?? [];
        fields.set(coordinate, [...(fields.get(coordinate) ?? []), ...directives]);
      }
    }
  }
  const granted = Object.entries<string[]>(data.grants.anonymous).flatMap(([type, names]) =>
    names.map((name) => `${type}.${name}`),
  );
  expect(granted.filter((coordinate) => !fields.has(coordinate))).toEqual([]);
  const guarded = ["authenticated", "requiresScopes", "policy"];
  expect(
    granted.filter((coordinate) => fields.get(coordinate)?.some((name) => guarded.includes(name))),
  ).toEqual([]);
});
