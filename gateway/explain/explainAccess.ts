/**
 * What a caller may see of an operation, field by field and type by type, and by which rule not; with its rows when asked.
 * The rules are asked as they are for a request that runs, and nothing is put on record.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { FieldRequest } from "../../policies/runtime/decideFields.ts";
import type { Verdict } from "../../policies/runtime/decision.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { coerceVariables } from "../engine/answer/coerceVariables.ts";
import { AppError } from "../errors.ts";
import type { AdmitOperation } from "../stages/admitOperation.ts";
import { createAnalyseOperation, type OperationAccess } from "../stages/authorization/analyseOperation.ts";
import { createDecideAccess } from "../stages/authorization/decideAccess.ts";
import { deadlineMsDefault } from "../stages/authorization/decideWithin.ts";
import { type Denial, listDenials } from "../stages/authorization/listDenials.ts";
import { createPerBundle } from "../stages/authorization/perBundle.ts";
import { createSelectFacts, type PolicyEnvironment, readsOf } from "../stages/authorization/policyFacts.ts";
import { readArgumentsOf } from "../stages/authorizeFields.ts";
import { findGuardedObjects, type GuardedObjects } from "../stages/objects/guardedObjects.ts";
import type { DataClasses } from "../supergraph/dataClasses.ts";
import type { SecurityRules } from "../supergraph/securityRules.ts";
import {
  type AccessExplanation,
  type ExplainedField,
  type ExplainedType,
  type ExplainRequest,
  toCaller,
} from "./explainRequest.ts";
import { createExplainRows, type ExplainRowsOptions } from "./explainRows.ts";
import { listPlaces } from "./listPlaces.ts";

export type ExplainAccess = (request: ExplainRequest) => Promise<AccessExplanation>;

type Options = Pick<ExplainRowsOptions, "engine" | "planOperation" | "assessCost"> & {
  readonly schema: GraphQLSchema;
  readonly rules: SecurityRules;
  readonly classes: DataClasses;
  readonly policies: (() => PolicyBundle) | undefined;
  readonly environment: PolicyEnvironment;
  readonly admitOperation: AdmitOperation;
};

export function createExplainAccess(options: Options): ExplainAccess {
  const { schema, rules, classes, policies, environment, admitOperation } = options;
  const guardedBy = createPerBundle(({ catalogue }) => findGuardedObjects(schema, classes, catalogue));
  const explainRows = createExplainRows({ ...options, guardedBy });
  const of = createPerBundle((bundle) => ({
    analyse: createAnalyseOperation(schema, rules, readArgumentsOf(bundle)),
    decide: createDecideAccess({ schema, bundle, environment, deadlineMs: deadlineMsDefault }),
    selectFacts: createSelectFacts(environment, readsOf(bundle.catalogue, "objects")),
  }));

  return async ({ operation: query, operationName, variables, as, asker, rows }) => {
    if (!policies) return refuse("this gateway has no policies");
    const admitted = admitOperation({ query, operationName: operationName ?? undefined });
    if (admitted.kind === "refused") return refuse(...admitted.errors.map(({ message }) => message));
    const { document, operation } = admitted;
    const coerced = coerceVariables(schema, { document, definition: operation }, variables);
    if (coerced.kind === "refused") return refuse(...coerced.errors.map(({ message }) => message));
    if (rows && operation.operation !== "query")
      return refuse(
        `rows are explained of a query; this is a ${operation.operation}, and nothing is run for an explanation`,
      );
    const bundle = policies();
    const { analyse, decide, selectFacts } = of(bundle);
    const access = analyse(document, operation.name?.value);
    const caller = toCaller(as);
    const places = listPlaces(access, variables);
    const { outcome } = await decide(access, caller, variables);
    const denials = listDenials(access, outcome.denied, variables);
    const toRows = { bundle, caller, asker: toCaller(asker), document: outcome.masked?.document ?? document };
    try {
      return {
        kind: "explained",
        bundle: { digest: bundle.digest, revision: bundle.revision },
        fields: toFields(access, outcome.verdicts, places, denials),
        types: await explainTypes(
          bundle,
          selectFacts(caller).facts,
          guardedBy(bundle),
          placesOfTypes(document, places),
        ),
        rows: rows
          ? await explainRows({
              ...toRows,
              isNothingLeft: outcome.isRejected || (outcome.masked?.nothingLeft ?? false),
              operation,
              variables,
            })
          : null,
      };
    } catch (thrown) {
      // Too costly, or planned by nobody: what the caller would be told when it runs.
      if (thrown instanceof AppError && thrown.status < 500) return refuse(thrown.message);
      throw thrown;
    }
  };

  /** By guarded or other type, where its rows are; through an interface or a union, those of every member. */
  function placesOfTypes(document: DocumentNode, places: ReadonlyMap<FieldNode, readonly string[]>) {
    const types = new TypeInfo(schema);
    const found = new Map<string, string[]>();
    visit(
      document,
      visitWithTypeInfo(types, {
        Field: (field) => {
          const returned = getNamedType(types.getType());
          const at = places.get(field);
          if (!at || !isCompositeType(returned)) return;
          const possible = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [returned];
          for (const { name } of possible) found.set(name, [...(found.get(name) ?? []), ...at]);
        },
      }),
    );
    return found;
  }
}

function toFields(
  { requests, guards }: OperationAccess,
  verdicts: readonly Verdict[],
  places: ReadonlyMap<FieldNode, readonly string[]>,
  denials: readonly Denial[],
): readonly ExplainedField[] {
  return requests.map((request, at) => {
    const { coordinate } = request;
    // Fewer answers than questions must not read as "the rest is allowed".
    const { outcome = "deny", reason = "UNDECIDED", rule = "" } = verdicts[at] ?? {};
    const selected = [...guards].flatMap(([field, needed]) =>
      needed.includes(at) ? (places.get(field) ?? []) : [],
    );
    return {
      coordinate,
      allowed: outcome === "allow",
      reason,
      rule,
      demands: toDemands(request),
      places: [...new Set(selected)],
      paths: denials.filter((denial) => denial.coordinate === coordinate).map(({ path }) => path.join(".")),
    };
  });
}

/** As the schema writes them. */
function toDemands({ authenticated, scopes, policies }: FieldRequest): readonly string[] {
  return [
    ...(authenticated ? ["@authenticated"] : []),
    ...(scopes ? [`@requiresScopes(scopes: ${JSON.stringify(scopes)})`] : []),
    ...(policies ? [`@policy(policies: ${JSON.stringify(policies)})`] : []),
  ];
}

async function explainTypes(
  bundle: PolicyBundle,
  facts: Readonly<Record<string, unknown>>,
  guarded: GuardedObjects,
  places: ReadonlyMap<string, readonly string[]>,
): Promise<readonly ExplainedType[]> {
  const touched = [...guarded].filter(([name]) => places.has(name));
  if (touched.length === 0) return [];
  const types = Object.fromEntries(touched.map(([name, { type }]) => [name, type]));
  const { decisions } = await bundle.decideFilters({ facts, types });
  return touched.map(
    (
      [
        type,
        {
          type: { rules },
        },
      ],
      at,
    ) => {
      const { outcome = "deny", reason = "UNDECIDED", rule = "", condition = null } = decisions[at] ?? {};
      return {
        type,
        rules,
        lists: outcome === "allow" ? "all" : outcome === "filter" ? "some" : "none",
        reason,
        rule,
        condition,
        places: [...new Set(places.get(type))],
      };
    },
  );
}

function refuse(...messages: readonly string[]): AccessExplanation {
  return { kind: "refused", message: messages.join("\n") };
}
