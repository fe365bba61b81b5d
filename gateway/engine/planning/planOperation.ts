/** From a client's document to plans that ask for all of it, made once for every caller and kept. */
import { type DocumentNode, type GraphQLSchema, parse, validate } from "graphql";
import type { ReservedKeys } from "../../supergraph/reservedKeys.ts";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { hasDefer, withoutDefer } from "../deferred/deferDirective.ts";
import { type DeferredVariant, type FindDeferredVariant, readVariants } from "../deferred/readVariants.ts";
import { type ConditionValues, findConditionVariables } from "./conditions.ts";
import { createMakePlan } from "./makePlan.ts";
import { addOverrides, readOverrides } from "./overrideDirective.ts";
import { createPlanCache, type PlanCacheLimits } from "./planCache.ts";
import type { Planner } from "./planner.ts";
import { type PreparedOperation, prepareOperation } from "./prepareOperation.ts";
import { printOnce } from "./printOnce.ts";
import type { QueryPlan } from "./queryPlan.ts";
import { type SelectedOperation, selectOperation } from "./selectOperation.ts";

/** The same object as long as the plan is kept and the document is the same one. */
export type PlannedOperation = { readonly operation: PreparedOperation; readonly plan: QueryPlan };

/** An operation of a document; its plan depends on which of its conditions hold. */
export type PlannedDocument = SelectedOperation & {
  readonly planFor: (coercedVariables: Readonly<Record<string, unknown>>) => Promise<PlannedOperation>;
  readonly isDeferred: boolean;
  /** Undefined when nothing of it is deferred for these values. */
  readonly planDeferred: (
    coercedVariables: Readonly<Record<string, unknown>>,
  ) => Promise<PlannedDeferred | undefined>;
};

/** The operation has its deferred fragments by these labels, which the plan may have too. */
export type PlannedDeferred = PlannedOperation & Pick<DeferredVariant, "fragments">;

export type PlanningOptions = PlanCacheLimits & {
  readonly supergraph: Supergraph;
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
  /** Told once for each operation that is asked for. */
  readonly onLookUp?: ((result: "hit" | "miss") => void) | undefined;
};

export type PlanOperation = {
  /** `overrides` are the labels of progressive overrides that hold for this request. */
  readonly plan: (
    document: DocumentNode,
    operationName: string | undefined,
    overrides: readonly string[],
  ) => Promise<PlannedDocument>;
  /** The operations planned here that were used most, for the engine of the next supergraph. */
  readonly mostUsed: (count: number) => readonly string[];
  /** Plans what another engine used most and this schema still has; what fails is left for whoever asks. */
  readonly warmUp: (operations: readonly string[]) => Promise<void>;
};

export function createPlanOperation(options: PlanningOptions): PlanOperation {
  const { supergraph, schema, onLookUp = () => {} } = options;
  const plans = createPlanCache(options);
  const { reserved } = supergraph.facts;
  const makePlan = createMakePlan(options);
  const forms = createForms<PlannedOperation>();
  const deferredForms = createForms<PlannedDeferred>();
  /** What is read from a document is kept as long as the document is; the plans are not in it. */
  const known = new WeakMap<DocumentNode, Map<string | undefined, Prepared>>();

  function read(document: DocumentNode, operationName: string | undefined): Prepared {
    const byName = known.get(document) ?? new Map<string | undefined, Prepared>();
    known.set(document, byName);
    const prepared = byName.get(operationName) ?? readDocument(document, operationName, reserved);
    byName.set(operationName, prepared);
    return prepared;
  }

  async function find({ operation, key }: Variant, isCounted: boolean): Promise<PlannedOperation> {
    const { planned } = operation;
    if (!planned) return forms(operation, NOTHING, (plan) => ({ operation, plan }));
    if (isCounted) onLookUp(plans.has(key) ? "hit" : "miss");
    const found = await plans.get(key, () => makePlan(planned));
    return forms(operation, found, (plan) => ({ operation, plan }));
  }

  async function findDeferred(variant: DeferredVariant | undefined): Promise<PlannedDeferred | undefined> {
    if (!variant) return undefined;
    const { operation, plan } = await find(variant, true);
    return deferredForms(operation, plan, () => ({ operation, plan, fragments: variant.fragments }));
  }

  return {
    plan: async (document, operationName, overrides) => {
      const { selected, isOpen, variantFor, deferredFor } = read(document, operationName);
      const overridden = <Form extends Variant>(variant: Form): Form => withOverrides(variant, overrides);
      // Where it is not left open which plan it is, whether there is one must be known now.
      if (!isOpen) await find(overridden(variantFor({})), true);
      return {
        ...selected,
        isDeferred: deferredFor !== undefined,
        planFor: (variables) => find(overridden(variantFor(variables)), isOpen),
        planDeferred: (variables) => {
          const variant = deferredFor?.(variables);
          return findDeferred(variant && overridden(variant));
        },
      };
    },
    mostUsed: plans.mostUsed,
    warmUp: async (operations) => {
      const waiting = [...operations];
      const planNext = async (): Promise<void> => {
        for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
          const document = parse(key, { noLocation: true });
          const { document: asked } = readOverrides(document);
          if (validate(schema, asked, undefined, { maxErrors: 1 }).length > 0) continue;
          await plans.get(key, () => makePlan(document)).catch(() => {});
        }
      };
      await Promise.all(Array.from({ length: WARMING_AT_ONCE }, planNext));
    },
  };
}

const NOTHING: QueryPlan = { kind: "operation", node: undefined };
/** Planners have few threads; a longer queue would only make clients wait behind it. */
const WARMING_AT_ONCE = 2;

/** `key` is the normalised text that the plan is kept under. */
type Variant = { readonly operation: PreparedOperation; readonly key: string };

type Prepared = {
  readonly selected: SelectedOperation;
  /** Whether which plan it is depends on conditions, or on whether fragments are deferred. */
  readonly isOpen: boolean;
  readonly variantFor: (coercedVariables: Readonly<Record<string, unknown>>) => Variant;
  readonly deferredFor: FindDeferredVariant | undefined;
};

function readDocument(
  document: DocumentNode,
  operationName: string | undefined,
  reserved: ReservedKeys,
): Prepared {
  const sent = selectOperation(document, operationName);
  const isDeferred = hasDefer(sent.document);
  const whole = withoutDefer(sent.document);
  const selected = whole === sent.document ? sent : selectOperation(whole, sent.definition.name?.value);
  const names = findConditionVariables(selected.document);
  const variants = new Map<string, Variant>();
  const variantFor: Prepared["variantFor"] = (variables) => {
    const values: ConditionValues = new Map(names.map((name) => [name, variables[name] === true]));
    const id = names.length === 0 ? "" : [...values.values()].join();
    const variant = variants.get(id) ?? readVariant(prepareOperation(selected, values, reserved));
    variants.set(id, variant);
    return variant;
  };
  const deferredFor = isDeferred ? readVariants(sent, reserved) : undefined;
  return { selected, isOpen: names.length > 0 || isDeferred, variantFor, deferredFor };
}

function readVariant(operation: PreparedOperation): Variant {
  return { operation, key: operation.planned ? printOnce(operation.planned) : "" };
}

/** The same object for the same labels: what is made of an operation is kept with it. */
function withOverrides<Form extends Variant>(variant: Form, labels: readonly string[]): Form {
  const { operation } = variant;
  if (labels.length === 0 || !operation.planned) return variant;
  const known = overridden.get(operation) ?? new Map<string, Variant>();
  overridden.set(operation, known);
  const id = JSON.stringify(labels);
  const found =
    known.get(id) ?? readVariant({ ...operation, planned: addOverrides(operation.planned, labels) });
  known.set(id, found);
  return { ...variant, ...found };
}

const overridden = new WeakMap<PreparedOperation, Map<string, Variant>>();

/** Pairs of operation and plan, each one object: what an executor compiles for it can be kept with it. */
function createForms<Form>() {
  const forms = new WeakMap<QueryPlan, WeakMap<PreparedOperation, Form>>();
  return (operation: PreparedOperation, plan: QueryPlan, make: (plan: QueryPlan) => Form): Form => {
    const ofPlan = forms.get(plan) ?? new WeakMap<PreparedOperation, Form>();
    forms.set(plan, ofPlan);
    const form = ofPlan.get(operation) ?? make(plan);
    ofPlan.set(operation, form);
    return form;
  };
}
