/**
 * Turns the text of a request into a valid document with its operation selected, or says why not. Parsing and
 * validation are remembered by the text, which the document holds anyway, so a document costs them once.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { AppError } from "../errors.ts";
import { deferRules } from "./deferRules.ts";
import { NoHiddenNamesRule } from "./hiddenNames.ts";
import { countOverlaps, measureDocument, measureText } from "./measureDocument.ts";

/** Each is the most that is let through. */
export type OperationLimits = {
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
};

export type AdmittedOperation = {
  readonly kind: "admitted";
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
};

export type RefusedOperation = { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

export type AdmitOperation = (request: {
  readonly query: string;
  readonly operationName: string | undefined;
}) => AdmittedOperation | RefusedOperation;

type Options = {
  readonly schema: GraphQLSchema;
  readonly limits: OperationLimits;
  /** "Did you mean" names fields that the caller may not know of. */
  readonly suggestions: boolean;
  readonly onCache?: (result: "hit" | "miss") => void;
};

type CheckedDocument = {
  readonly tokens: number;
  readonly outcome: RefusedOperation | { readonly kind: "valid"; readonly document: DocumentNode };
};

/** Remembered together; a parsed token takes about 370 bytes, so these are at most some 90 MB. */
const cachedTokensMax = 250_000;
const tokenBytes = 370;
const validationErrorsMax = 20;
const validationRules = [...specifiedRules, ...deferRules, NoHiddenNamesRule];
/** After fragments are written out. The largest operations of real clients have a few thousand. */
const fieldsMax = 20_000;
/** Pairs that validation compares one by one, at about 4 µs each. */
const overlapsMax = 25_000;

export function createAdmitOperation(options: Options): AdmitOperation {
  const checked = new LRUCache<string, CheckedDocument>({
    maxSize: cachedTokensMax,
    sizeCalculation: ({ tokens }, text) => tokens + 1 + Math.ceil(text.length / tokenBytes),
  });
  return ({ query, operationName }) => {
    let entry = checked.get(query);
    options.onCache?.(entry ? "hit" : "miss");
    if (!entry) {
      entry = checkDocument(query, options);
      checked.set(query, entry);
    }
    const { outcome } = entry;
    if (outcome.kind === "refused") return outcome;
    const operation = selectOperation(outcome.document, operationName);
    if (operation instanceof GraphQLError) return { kind: "refused", errors: [operation] };
    return { kind: "admitted", document: outcome.document, operation };
  };
}

/** A document over a limit throws, because its HTTP status does not depend on the media type, and is not remembered. */
function checkDocument(text: string, options: Options): CheckedDocument {
  const { limits } = options;
  let tokens = 0;
  try {
    const size = measureText(text, limits.tokens, limits.depth);
    tokens = size.tokens;
    assertWithin("tokens", tokens, limits.tokens);
    assertWithin("levels of nesting", size.nesting, limits.depth);
    return { tokens, outcome: validateDocument(parse(text), options) };
  } catch (thrown) {
    if (!(thrown instanceof GraphQLError)) throw thrown;
    return { tokens, outcome: { kind: "refused", errors: [withCode(thrown, "GRAPHQL_PARSE_FAILED")] } };
  }
}

function validateDocument(
  document: DocumentNode,
  { schema, limits, suggestions }: Options,
): CheckedDocument["outcome"] {
  const size = measureDocument(document);
  assertWithin("levels of nesting", size.depth, limits.depth);
  assertWithin("aliases", size.aliases, limits.aliases);
  assertWithin("root fields", size.rootFields, limits.rootFields);
  assertWithin("directives", size.directives, limits.directives);
  assertWithin("fields", size.fields, fieldsMax);
  const overlaps = countOverlaps(document, size.depth, fieldsMax);
  assertWithin("pairs of fields of one name in one place", overlaps, overlapsMax);
  const errors = validate(schema, document, validationRules, {
    maxErrors: validationErrorsMax,
    hideSuggestions: !suggestions,
  });
  if (errors.length === 0) return { kind: "valid", document };
  return { kind: "refused", errors: errors.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED")) };
}

/** The specification's GetOperation: a name is needed as soon as there are several. */
function selectOperation(
  document: DocumentNode,
  name: string | undefined,
): OperationDefinitionNode | GraphQLError {
  const operations = document.definitions.filter(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [only, second] = operations;
  const found =
    name !== undefined
      ? operations.find((operation) => operation.name?.value === name)
      : second === undefined
        ? only
        : undefined;
  if (found) return found;
  const expected =
    name !== undefined
      ? `The document has no operation of the name that "operationName" gives.`
      : `Expected "operationName", because the document has ${operations.length} operations.`;
  return new GraphQLError(expected, { extensions: { code: "OPERATION_RESOLUTION_FAILED" } });
}

function assertWithin(what: string, count: number, max: number): void {
  if (count <= max) return;
  throw new AppError("OPERATION_TOO_LARGE", 400, `Expected at most ${max} ${what}, got more.`);
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    ...(error.source ? { source: error.source } : {}),
    ...(error.positions ? { positions: error.positions } : {}),
    extensions: { ...error.extensions, code },
  });
}
