/**
 * What policies have to do with an operation: before it is planned, what of it may be seen and which rows of lists; after
 * it is executed, which of the loaded rows, and how much of them. One bundle decides all of it, whatever is swapped meanwhile.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode } from "graphql";
import type { RecordDecisions } from "../policies/runtime/decision.ts";
import type { PolicyBundle } from "../policies/runtime/loadPolicyBundle.ts";
import type { Answer, DeferredAnswer } from "./engine/engine.ts";
import { toAppError, toGraphQLError } from "./errors.ts";
import { createPerBundle } from "./stages/authorization/perBundle.ts";
import type { PolicyEnvironment } from "./stages/authorization/policyFacts.ts";
import { type AuthorizedFields, createAuthorizeFields } from "./stages/authorizeFields.ts";
import { createDecideObjects } from "./stages/decideObjects.ts";
import { createGrantFilters, type Filters } from "./stages/grantFilters.ts";
import type { Caller } from "./stages/identifyCaller.ts";
import { asksForSchema, createIntrospect } from "./stages/introspect.ts";
import { createAddHiddenFields } from "./stages/objects/addHiddenFields.ts";
import { createApplyMask } from "./stages/objects/applyMask.ts";
import { attributeVariables, findGuardedObjects } from "./stages/objects/guardedObjects.ts";
import { type ShapedAnswer, shapeAnswer } from "./stages/shapeAnswer.ts";
import { shapeParts } from "./stages/shapeParts.ts";
import { assertLabelsKnown } from "./supergraph/assertLabelsKnown.ts";
import type { DataClasses } from "./supergraph/dataClasses.ts";
import type { EventKeys } from "./supergraph/eventKeys.ts";
import type { SecurityRules } from "./supergraph/securityRules.ts";

export type AuthorizedOperation = AuthorizedFields & {
  readonly requested: {
    /** As the client sent them. */
    readonly document: DocumentNode;
    readonly operation: OperationDefinitionNode;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly caller: Caller;
    readonly operationId: string;
  };
  /** Nothing of the document was denied. */
  readonly isWhole: boolean;
  /** Nothing was added either, so that an answer is final as it comes. */
  readonly isUntouched: boolean;
  readonly hasGuarded: boolean;
  /** What the caller may know of the schema, by response name, where the operation asks for it. */
  readonly introspection: Readonly<Record<string, unknown>> | undefined;
  /** What is left of the document, with what the rules need to know of objects. */
  readonly toExecute: DocumentNode;
  readonly variablesToExecute: Readonly<Record<string, unknown>>;
  readonly filters: Filters;
};

export type Access = {
  /** Throws POLICY_UNAVAILABLE without a sure answer. */
  readonly authorize: (request: AuthorizedOperation["requested"]) => Promise<AuthorizedOperation>;
  /** `sequence` counts the answers of one operation from 1. Without a sure answer nothing is shown. */
  readonly complete: (
    operation: AuthorizedOperation,
    answer: Answer,
    sequence: number,
  ) => Promise<ShapedAnswer>;
  /** As `complete`, of an operation that reads no guarded rows. */
  readonly completeParts: (operation: AuthorizedOperation, deferred: DeferredAnswer) => DeferredAnswer;
  /** Throws a SupergraphError when this bundle cannot decide about this supergraph. */
  readonly assertFits: (bundle: PolicyBundle) => void;
};

export type AccessOptions = {
  readonly schema: GraphQLSchema;
  readonly rules: SecurityRules;
  readonly classes: DataClasses;
  readonly eventKeys: EventKeys;
  readonly policies: (() => PolicyBundle) | undefined;
  readonly environment: PolicyEnvironment;
  readonly recordDecisions: RecordDecisions;
  /** Throws when decisions cannot be recorded; then none is made. */
  readonly assertRecordable: () => void;
  /** From which the key of hashes is derived, so that all gateways of a region hash alike; random when absent. */
  readonly secret: Uint8Array | undefined;
};

/** Throws as `assertFits` does, for the bundle in force. */
export function createAccess(options: AccessOptions): Access {
  const { schema, rules, classes, eventKeys, policies, environment, recordDecisions } = options;
  const { assertRecordable, secret } = options;
  const authorizeFields = createAuthorizeFields({
    schema,
    rules,
    policies,
    environment,
    recordDecisions,
    eventKeys,
  });
  const guardedBy = createPerBundle(({ catalogue }) => findGuardedObjects(schema, classes, catalogue));
  const hiddenFieldsBy = createPerBundle((bundle) => createAddHiddenFields(schema, guardedBy(bundle)));
  const grantFilters = createGrantFilters({ guardedBy, environment, recordDecisions });
  const decideObjects = createDecideObjects({ guardedBy, environment, recordDecisions });
  const introspect = createIntrospect({ schema, rules, environment });
  const applyMask = createApplyMask(secret ? deriveMaskKey(secret) : randomBytes(32));
  /** Without policies nothing is taken out of answers, so nothing more need be known of them. */
  const addNothing = (document: DocumentNode) => ({ document, hasGuarded: false });

  const assertFits = (bundle: PolicyBundle) => {
    assertLabelsKnown(rules, bundle.catalogue.labels);
    guardedBy(bundle);
  };
  if (policies) assertFits(policies());

  return {
    assertFits,

    async authorize(requested) {
      assertRecordable();
      const { document, operation, variables, caller, operationId } = requested;
      const name = operation.name?.value;
      const fields = await authorizeFields({ document, operationName: name, variables, caller, operationId });
      const { bundle, decisionId: id } = fields;
      const isWhole = fields.document === document;
      const added = (bundle ? hiddenFieldsBy(bundle) : addNothing)(fields.document);
      const left = isWhole ? operation : operationOf(fields.document);
      const introspection =
        bundle && !fields.nothingLeft && asksForSchema(fields.document, left)
          ? await introspect({ bundle, caller, document: fields.document, operation: left, variables })
          : undefined;
      const isUntouched = isWhole && !added.hasGuarded && !introspection;
      const told = { id: operationId, kind: operation.operation, name: name ?? null };
      return {
        ...fields,
        requested,
        isWhole,
        isUntouched,
        hasGuarded: added.hasGuarded,
        introspection,
        toExecute: isUntouched ? document : added.document,
        variablesToExecute: added.hasGuarded
          ? { ...variables, [attributeVariables.purpose]: caller.purpose ?? "" }
          : variables,
        filters:
          bundle && !fields.nothingLeft ? await grantFilters({ bundle, caller, id, operation: told }) : {},
      };
    },

    completeParts(operation, deferred) {
      if (operation.isUntouched) return deferred;
      if (operation.hasGuarded) throw new Error("an operation with rules on rows is answered as a whole");
      const { requested, denials, decisionId, introspection } = operation;
      const { document, variables } = requested;
      const shape = {
        schema,
        document,
        operation: requested.operation,
        variables,
        denials,
        decisionId,
        introspection,
      };
      return shapeParts(shape, deferred);
    },

    async complete(operation, answer, sequence) {
      if (operation.isUntouched) return { answer, isDropped: false };
      const { bundle, requested, decisionId, denials, hasGuarded } = operation;
      const { document, caller, operationId, variables } = requested;
      const { operation: kind, name } = requested.operation;
      const { introspection } = operation;
      const shape = {
        schema,
        document,
        operation: requested.operation,
        variables,
        denials,
        decisionId,
        introspection,
      };
      if (!bundle || !hasGuarded) return shapeAnswer({ ...shape, answer, objects: undefined });
      const guarded = guardedBy(bundle);
      try {
        const verdicts = await decideObjects({
          bundle,
          caller,
          data: answer.data,
          id: decisionId,
          sequence,
          operation: { id: operationId, kind, name: name?.value ?? null },
        });
        const objects = { isGuarded: (type: string) => guarded.has(type), verdicts, applyMask };
        return shapeAnswer({ ...shape, answer, objects });
      } catch (thrown) {
        return { answer: { data: null, errors: [toGraphQLError(toAppError(thrown))] }, isDropped: false };
      }
    },
  };
}

/** What authorization leaves of a document has one. */
function operationOf({ definitions }: DocumentNode): OperationDefinitionNode {
  const found = definitions.find((part) => part.kind === Kind.OPERATION_DEFINITION);
  if (!found) throw new Error("a masked document has an operation");
  return found;
}

function deriveMaskKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", "atlas-masks", 32));
}
