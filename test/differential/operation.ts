import type { DocumentNode } from "graphql";

export type OperationKind = "query" | "mutation" | "subscription";

/** One operation and what a client sends with it. */
export type GeneratedOperation = {
  readonly kind: OperationKind;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
};
