/** Parses and validates what clients send, with the codes that tell the two apart. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from "graphql";
import { LRUCache } from "lru-cache";
import { toCoded } from "./errors.ts";

export type DocumentCheck = {
  /** Throws a GraphQLError with GRAPHQL_PARSE_FAILED. */
  readonly parse: (text: string) => DocumentNode;
  /** Errors with GRAPHQL_VALIDATION_FAILED; none for a document that fits the schema. */
  readonly validate: (document: DocumentNode) => readonly GraphQLError[];
};

/** The gateway sends few distinct documents, one for each fetch of a plan; a thousand of them take some 20 MB. */
const documentsMax = 1_000;

/** Remembers both answers: they cost more than running a typical fetch, and the gateway's documents repeat. */
export function createDocumentCheck(schema: GraphQLSchema): DocumentCheck {
  const parsed = new LRUCache<string, DocumentNode>({ max: documentsMax });
  const validated = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  return {
    parse: (text) => {
      const document = parsed.get(text) ?? parseCoded(text);
      parsed.set(text, document);
      return document;
    },
    validate: (document) => {
      const errors =
        validated.get(document) ??
        validate(schema, document).map((error) => toCoded(error, "GRAPHQL_VALIDATION_FAILED"));
      validated.set(document, errors);
      return errors;
    },
  };
}

function parseCoded(text: string): DocumentNode {
  try {
    return parse(text, { noLocation: true });
  } catch (error) {
    throw error instanceof GraphQLError ? toCoded(error, "GRAPHQL_PARSE_FAILED") : error;
  }
}
