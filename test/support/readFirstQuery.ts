/** The query that the README shows a newcomer: what is tested and measured is what is printed there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../infra/local/paths.ts";

export function readFirstQuery(): string {
  const [, query] = /```graphql\n(query FirstLook [\s\S]*?)```/.exec(readReadme()) ?? [];
  if (query === undefined)
    throw new Error("README.md has no GraphQL block that begins with `query FirstLook`.");
  return query;
}

/** The answer that the README prints below it. */
export function readFirstAnswer(): Record<string, unknown> {
  const [, answer] = /```json\n([\s\S]*?)```/.exec(readReadme()) ?? [];
  if (answer === undefined) throw new Error("README.md has no JSON block.");
  return JSON.parse(answer);
}

function readReadme(): string {
  return readFileSync(join(checkout, "README.md"), "utf8");
}
