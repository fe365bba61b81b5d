/** ESLint reads the subgraphs' contracts and nothing else; Biome does the code. */
import { existsSync, readdirSync } from "node:fs";
import graphql from "@graphql-eslint/eslint-plugin";

const contracts = readdirSync("subgraphs")
  .map((name) => `subgraphs/${name}/schema.graphql`)
  .filter((path) => existsSync(path));

const rules = {
  "@graphql-eslint/require-description": [
    "error",
    {
      // Not object types: a subgraph need not describe again what its owner does. Composition looks at the whole.
      EnumTypeDefinition: true,
      InputObjectTypeDefinition: true,
      InterfaceTypeDefinition: true,
      ScalarTypeDefinition: true,
      UnionTypeDefinition: true,
      rootField: true,
      FieldDefinition: true,
      EnumValueDefinition: true,
      DirectiveDefinition: true,
    },
  ],
  "@graphql-eslint/naming-convention": [
    "error",
    {
      types: "PascalCase",
      FieldDefinition: "camelCase",
      InputValueDefinition: "camelCase",
      DirectiveDefinition: "camelCase",
      EnumValueDefinition: "UPPER_CASE",
      "FieldDefinition[parent.name.value=Query]": { forbiddenPrefixes: ["get", "query", "list"] },
      InputObjectTypeDefinition: { style: "PascalCase", requiredSuffixes: ["Input", "Filter"] },
    },
  ],
  "@graphql-eslint/require-deprecation-reason": "error",
};

/** Each contract is a schema of its own: what it says of another subgraph's types is checked by composition. */
export default contracts.map((schema) => ({
  files: [schema],
  languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
  plugins: { "@graphql-eslint": graphql },
  rules,
}));
