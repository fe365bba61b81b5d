import { describe, expect, test } from "@jest/globals";
import { buildSchema, printSchema } from "graphql";
import { toVisibleSchema } from "./visibleSchema.ts";

const schema = buildSchema(`
  type Query { open(by: Order): Thing secret: Vault any: Any item: Item }
  type Mutation { burn(input: BurnInput): Boolean }
  enum Order { UP }
  input BurnInput { how: How }
  enum How { FAST }
  interface Item { id: ID }
  type Thing implements Item { id: ID vault: Vault name: String }
  type Vault { code: Code }
  scalar Code
  union Any = Thing | Vault
`);
const see = (...hidden: string[]) => {
  const visible = toVisibleSchema(schema, (coordinate) => hidden.includes(coordinate));
  return visible && printSchema(visible).replace(/\s+/g, " ");
};

describe("toVisibleSchema", () => {
  test("shows all of it when nothing is hidden", () => {
    expect(see()).toBe(printSchema(schema).replace(/\s+/g, " "));
  });

  test("hides a field, and the types that only it led to", () => {
    const seen = see("Mutation.burn", "Query.secret", "Thing.vault");
    expect(seen).not.toMatch(/Mutation|BurnInput|How|secret|vault:/);
    expect(seen).toContain("union Any = Thing | Vault");
  });

  test("hides a type wherever it is named, and what loses its last field by that", () => {
    const seen = see("Vault");
    expect(seen).not.toMatch(/Vault|Code|secret/);
    expect(seen).toContain("union Any = Thing");
    expect(see("Code")).not.toMatch(/Vault|Code/);
  });

  test("keeps an implementer that may show less than its interface", () => {
    expect(see("Thing.id")).toContain("type Thing implements Item { vault: Vault name: String }");
  });

  test("shows nothing when nothing can be asked", () => {
    expect(see("Query.open", "Query.secret", "Query.any", "Query.item")).toBeUndefined();
  });
});
