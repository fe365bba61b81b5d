import { expect, test } from "@jest/globals";
import { negotiateMediaType } from "./negotiateMediaType.ts";

const graphqlResponse = "application/graphql-response+json";

test.each([
  [undefined, "application/json"],
  ["", "application/json"],
  ["*/*", "application/json"],
  ["application/*", "application/json"],
  ["text/html,application/xhtml+xml,*/*;q=0.8", "application/json"],
  ["application/json", "application/json"],
  [graphqlResponse, graphqlResponse],
  [`${graphqlResponse}; charset=utf-8`, graphqlResponse],
  ["APPLICATION/GraphQL-Response+JSON", graphqlResponse],
  [`application/json, ${graphqlResponse}`, graphqlResponse],
  [`${graphqlResponse};q=0.5, application/json`, "application/json"],
  [`${graphqlResponse}, application/json;q=0.9`, graphqlResponse],
  ["text/event-stream", "text/event-stream"],
  [`text/event-stream, ${graphqlResponse};q=0.1`, "text/event-stream"],
  ["application/json;q=0.1, */*", "application/json"],
  ["application/json;q=0, */*", undefined],
  ["application/json;q=nonsense", undefined],
  ["application/xml", undefined],
  ["image/*", undefined],
])("accept %p means %p", (accept, expected) => {
  expect(negotiateMediaType(accept)).toBe(expected);
});
