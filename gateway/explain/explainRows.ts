/**
 * What becomes of each row of a query for a caller: the query is run without filters on lists, so that what rules drop is
 * there to be decided about, and nothing of it but the decisions is told. Whoever asks is told of no row that they may
 * not know of themselves.
 */
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { ObjectDecision } from "../../policies/runtime/decideObjects.ts";
import { recordNothing } from "../../policies/runtime/decision.ts";
import { makeExplanationId } from "../../policies/runtime/explanationId.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import type { Engine } from "../engine/engine.ts";
import { continueTrace } from "../observability/trace.ts";
import { createPerBundle } from "../stages/authorization/perBundle.ts";
import type { PolicyEnvironment } from "../stages/authorization/policyFacts.ts";
import { createDecideObjects } from "../stages/decideObjects.ts";
import type { Filters } from "../stages/grantFilters.ts";
import type { Caller } from "../stages/identifyCaller.ts";
import { createAddHiddenFields } from "../stages/objects/addHiddenFields.ts";
import { attributeVariables, type GuardedObjects } from "../stages/objects/guardedObjects.ts";
import type { PlanOperation } from "../stages/planOperation.ts";
import type { SubgraphCallContext } from "../stages/subgraphHeaders.ts";
import type { ExplainedRows } from "./explainRequest.ts";
import { type LocatedObject, locateObjects } from "./locateObjects.ts";

export type ExplainRowsOptions = {
  readonly schema: GraphQLSchema;
  readonly engine: Pick<Engine<SubgraphCallContext>, "execute">;
  readonly planOperation: PlanOperation;
  /** Throws OPERATION_TOO_COSTLY. */
  readonly assessCost: (
    operation: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
    variables: Readonly<Record<string, unknown>>,
  ) => void;
  readonly environment: PolicyEnvironment;
  readonly guardedBy: (bundle: PolicyBundle) => GuardedObjects;
};

export type ExplainRows = (request: {
  readonly bundle: PolicyBundle;
  readonly caller: Caller;
  readonly asker: Caller;
  /** What the caller may see of the fields. */
  readonly document: DocumentNode;
  readonly isNothingLeft: boolean;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}) => Promise<ExplainedRows>;

type Decided = LocatedObject & { readonly decision: ObjectDecision | undefined };

const deadlineMs = 10_000;
const rowsMax = 500;

export function createExplainRows(options: ExplainRowsOptions): ExplainRows {
  const { schema, engine, planOperation, assessCost, environment, guardedBy } = options;
  const hiddenFieldsBy = createPerBundle((bundle) => createAddHiddenFields(schema, guardedBy(bundle)));
  const decideObjects = createDecideObjects({ guardedBy, environment, recordDecisions: recordNothing });

  return async ({ bundle, caller, asker, document, isNothingLeft, operation, variables }) => {
    const added = isNothingLeft ? undefined : hiddenFieldsBy(bundle)(document);
    if (!added?.hasGuarded) return { rows: [], isComplete: true };
    assessCost({ document, operation }, variables);
    const name = operation.name?.value;
    const plan = await planOperation({ document: added.document, operationName: name, overrides: [] });
    const guarded = guardedBy(bundle);
    const everything: Filters = Object.fromEntries([...guarded.keys()].map((type) => [type, "all"] as const));

    /** Rows as they are for somebody: their purpose is part of what some attributes are asked with. */
    async function decideFor(
      who: Caller,
    ): Promise<{ readonly rows: readonly Decided[]; readonly isComplete: boolean }> {
      const id = makeExplanationId();
      const { data, errors = [] } = await engine.execute(plan, {
        variables: { ...variables, [attributeVariables.purpose]: who.purpose ?? "" },
        signal: AbortSignal.timeout(deadlineMs),
        context: {
          caller: who,
          requestId: id,
          traceparent: continueTrace(undefined),
          forwarded: {},
          operationId: id,
          decisionId: id,
          filters: everything,
        },
      });
      const told = { id, kind: "query", name: name ?? null } as const;
      const verdicts = await decideObjects({ bundle, caller: who, data, id, sequence: 0, operation: told });
      const rows = locateObjects(data, guarded).map((row) => ({
        ...row,
        decision: verdicts.get(row.object),
      }));
      return { rows, isComplete: errors.length === 0 };
    }

    const [decided, own] = await Promise.all([decideFor(caller), decideFor(asker)]);
    const known = new Set(own.rows.filter(isShown).map(keyOf));
    const rows = decided.rows.filter((row) => known.has(keyOf(row)));
    return {
      rows: rows.slice(0, rowsMax).map(({ path, type, object, decision }) => ({
        type,
        path,
        id: typeof object.id === "string" ? object.id : null,
        outcome: decision?.outcome ?? "drop",
        reason: decision?.reason ?? "UNDECIDED",
        rule: decision?.rule ?? "",
        masked: Object.entries(decision?.masks ?? {}).map(([field, { as }]) => ({ field, as })),
      })),
      isComplete: decided.isComplete && own.isComplete && rows.length <= rowsMax,
    };
  };
}

function isShown({ decision }: Decided): boolean {
  return decision?.outcome === "allow" || decision?.outcome === "mask";
}

/** The same row of two answers to one query: what moved between them is told of to nobody. */
function keyOf({ path, type, object }: LocatedObject): string {
  return JSON.stringify([path, type, object.id ?? null]);
}
