import { type DocumentNode, print } from "graphql";

const printed = new WeakMap<DocumentNode, string>();

/** The text of a document that nobody changes any more: it is what its plan is kept under, and what the planner is sent. */
export function printOnce(document: DocumentNode): string {
  const text = printed.get(document) ?? print(document);
  printed.set(document, text);
  return text;
}
