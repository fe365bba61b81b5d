/**
 * The life of one operation, the same on every transport:
 * identifyCaller → limitRate → findDocument → admitOperation → estimateCost → authorizeFields, grantFilters → planOperation →
 * the engine → decideObjects → shapeAnswer → maskErrors.
 */
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { Access, AuthorizedOperation } from "./createAccess.ts";
import type { Admission } from "./createAdmission.ts";
import type { CostLimit } from "./createCostLimit.ts";
import { coerceVariables } from "./engine/answer/coerceVariables.ts";
import { toWholeAnswer } from "./engine/deferred/toWholeAnswer.ts";
import type {
  Answer,
  DeferredAnswer,
  Engine,
  ExecutionRequest,
  OperationPlan,
  TextAnswer,
} from "./engine/engine.ts";
import { AppError } from "./errors.ts";
import { explainAnswer, type GrantExplanation } from "./explainAnswer.ts";
import type { GraphQLParameters } from "./http/readParameters.ts";
import type { AdmitOperation } from "./stages/admitOperation.ts";
import type { ChooseOverrides } from "./stages/chooseOverrides.ts";
import type { Caller } from "./stages/identifyCaller.ts";
import type { MaskErrors } from "./stages/maskErrors.ts";
import type { PlanOperation } from "./stages/planOperation.ts";
import type { SubgraphCallContext } from "./stages/subgraphHeaders.ts";
import type { BoundSubscription, ToSubscriptionSource } from "./subscriptions/boundSubscription.ts";
import { listMisfits } from "./subscriptions/listMisfits.ts";

/** What a transport knows of a request before anybody has looked at it. */
export type RequestFacts = {
  readonly requestId: string;
  readonly traceparent: string;
  /** Headers that the configuration lets through to subgraphs, by lower-case name. */
  readonly forwarded: Readonly<Record<string, string>>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  /** Of the client, as far as it can be known. */
  readonly address: string;
  /** What the answer's extensions shall explain. */
  readonly explain?: ReadonlySet<string>;
};

export type Session = RequestFacts & { readonly caller: Caller };

export type Operation = RefusedOperation | SelectedOperation;

/** Not valid, or none could be selected. */
type RefusedOperation = {
  readonly kind: "refused";
  readonly name: undefined;
  readonly isDeferred: false;
  readonly outcome: AnsweredOperation;
};

export type SelectedOperation = {
  readonly kind: "query" | "mutation" | "subscription";
  readonly name: string | undefined;
  /** Whether fragments may come after the rest, for a client that can read that. */
  readonly isDeferred: boolean;
  /** As the client sent it, or the text that it sent the hash of. */
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly document: DocumentNode;
  readonly outcome: AnsweredOperation | PlannedOperation;
};

/** Refused, or nothing of it allowed: the answer is there and no subgraph is asked. */
export type AnsweredOperation = { readonly kind: "answered"; readonly answer: Answer };

type PlannedOperation = {
  readonly kind: "planned";
  readonly plan: OperationPlan;
  readonly authorized: AuthorizedOperation;
  readonly operationId: string;
  readonly cost: number;
};

export type OperationRunner = {
  /** Throws UNAUTHENTICATED when a token came and is not good; no token is an anonymous caller. */
  readonly identify: (authorization: string | undefined) => Promise<Caller>;
  readonly prepare: (parameters: GraphQLParameters, session: Session) => Promise<Operation>;
  readonly execute: (operation: Operation, session: Session) => Promise<Answer>;
  /** As `execute`; where nothing has to be done to the answer any more, as text. */
  readonly executeText: (operation: Operation, session: Session) => Promise<TextAnswer>;
  /** As `execute`, with deferred fragments after the rest. What subgraphs are still asked ends when the client leaves. */
  readonly executeDeferred: (operation: Operation, session: Session) => Promise<DeferredAnswer>;
  /** Ends when the client leaves (`session.signal`); a source that cannot be opened is one answer with errors. */
  readonly subscribe: (operation: Operation, session: Session) => AsyncGenerator<Answer, void, undefined>;
};

/** The runner of one supergraph. Subscriptions may outlive it, so it only binds them. */
export type BindingRunner = Omit<OperationRunner, "subscribe"> & {
  readonly schema: GraphQLSchema;
  readonly bind: (operation: Operation, session: Session) => Promise<BoundSubscription | AnsweredOperation>;
  /**
   * Prepares an operation that another supergraph's runner has let in. Valid or not, allowed or not and planned is
   * looked at again; rates and cost were, when it came. Rejects with SUBSCRIPTION_SELECTION_REMOVED.
   */
  readonly prepareAgain: (
    operation: SelectedOperation,
    session: Session,
    before: GraphQLSchema,
  ) => Promise<Operation>;
};

export type OperationStages = {
  readonly engine: Pick<
    Engine<SubgraphCallContext>,
    "schema" | "execute" | "executeText" | "executeDeferred" | "startSubscription" | "describePlan"
  >;
  readonly toSource: ToSubscriptionSource;
  readonly identifyCaller: (request: { authorization: string | undefined }) => Promise<Caller>;
  readonly admission: Pick<Admission, "findDocument" | "limitRate">;
  readonly costLimit: CostLimit;
  readonly admitOperation: AdmitOperation;
  readonly access: Access;
  readonly chooseOverrides: ChooseOverrides;
  readonly planOperation: PlanOperation;
  readonly maskErrors: MaskErrors;
  readonly grantExplanation: GrantExplanation;
};

export function createOperationRunner(stages: OperationStages): BindingRunner {
  const { engine, access, identifyCaller, maskErrors, toSource } = stages;
  return {
    schema: engine.schema,
    identify: (authorization) => identifyCaller({ authorization }),
    prepare: (parameters, session) => prepareOperation(stages, parameters, session),

    prepareAgain: async (operation, session, before) => {
      const admitted = stages.admitOperation({ query: operation.text, operationName: operation.name });
      if (admitted.kind === "refused") throw selectionRemoved(operation.document, before, engine.schema);
      return planAdmitted(stages, { ...operation, ...admitted, cost: 0 }, session);
    },

    async execute({ outcome }, session) {
      if (outcome.kind === "answered") return outcome.answer;
      const answer = await engine.execute(outcome.plan, toExecutionRequest(outcome, session));
      const { answer: completed } = await access.complete(outcome.authorized, answer, 1);
      return maskErrors(await explain(stages, outcome, completed, session), session.requestId);
    },

    async executeText({ outcome }, session) {
      if (outcome.kind === "answered") return { kind: "answer", answer: outcome.answer };
      const { authorized } = outcome;
      const request = toExecutionRequest(outcome, session);
      // A text is sent as it is: nothing can be put into it or taken out of it.
      const isFinal = authorized.isUntouched && stages.grantExplanation(session).size === 0;
      const answered: TextAnswer = isFinal
        ? await engine.executeText(outcome.plan, request)
        : { kind: "answer", answer: await engine.execute(outcome.plan, request) };
      // A text has no errors to mask.
      if (answered.kind === "text") return answered;
      const { answer: completed } = await access.complete(authorized, answered.answer, 1);
      const explained = await explain(stages, outcome, completed, session);
      return { kind: "answer", answer: maskErrors(explained, session.requestId) };
    },

    async executeDeferred({ outcome }, session) {
      if (outcome.kind === "answered") return toWholeAnswer(outcome.answer);
      const mask = (answer: Answer) => maskErrors(answer, session.requestId);
      const deferred = await engine.executeDeferred(outcome.plan, toExecutionRequest(outcome, session));
      const { first, rest, ...others } = access.completeParts(outcome.authorized, deferred);
      const explained = await explain(stages, outcome, first, session);
      return { ...others, first: mask(explained), rest: maskParts(rest, mask) };
    },

    async bind({ outcome }, session) {
      if (outcome.kind === "answered") return outcome;
      const { authorized } = outcome;
      const started = await engine.startSubscription(outcome.plan, toExecutionRequest(outcome, session));
      if (started.kind === "refused") {
        return { kind: "answered", answer: maskErrors({ errors: started.errors }, session.requestId) };
      }
      let sequence = 0;
      return {
        kind: "bound",
        source: toSource(started.call),
        completeEvent: async (event) => {
          sequence += 1;
          const completed = await started.completeEvent(event);
          const { answer, isDropped } = await access.complete(authorized, completed, sequence);
          // An event about what the caller may not know of is no event.
          return isDropped ? undefined : maskErrors(answer, session.requestId);
        },
        toLastAnswer: (thrown) => maskErrors(started.toLastAnswer(thrown), session.requestId),
        denied: new Set(authorized.denials.map(({ coordinate }) => coordinate)),
      };
    },
  };
}

async function prepareOperation(
  stages: OperationStages,
  { query: sent, extensions, operationName, variables }: GraphQLParameters,
  session: Session,
): Promise<Operation> {
  const { admission, costLimit, admitOperation } = stages;
  await admission.limitRate.countRequest(session);
  const { query, keep } = await admission.findDocument({ query: sent, extensions });
  const admitted = admitOperation({ query, operationName });
  if (admitted.kind === "refused") {
    const answer = { errors: admitted.errors };
    return { kind: "refused", name: undefined, isDeferred: false, outcome: { kind: "answered", answer } };
  }
  await keep?.();
  const cost = costLimit.assess(admitted, variables);
  await admission.limitRate.countOperation(session, query, cost);
  return planAdmitted(stages, { ...admitted, text: query, variables, cost }, session);
}

type OperationToPlan = Pick<SelectedOperation, "text" | "variables" | "document"> & {
  readonly operation: OperationDefinitionNode;
  readonly cost: number;
};

async function planAdmitted(
  { engine, access, chooseOverrides, planOperation }: OperationStages,
  { text, variables, document, operation, cost }: OperationToPlan,
  { caller, requestId, forwarded }: Session,
): Promise<Operation> {
  const kind = operation.operation;
  const name = operation.name?.value;
  const answered = (answer: Answer): Operation => {
    const outcome = { kind: "answered", answer } as const;
    return { kind, name, isDeferred: false, text, variables, document, outcome };
  };
  const authorized = await access.authorize({
    document,
    operation,
    variables,
    caller,
    operationId: requestId,
  });
  if (!authorized.isWhole) {
    // The engine sees only the variables that what is left still uses; the client sent them all.
    const coerced = coerceVariables(engine.schema, { document, definition: operation }, variables);
    if (coerced.kind === "refused") return answered({ errors: coerced.errors });
  }
  if (authorized.nothingLeft) return answered({ errors: authorized.errors, data: null });
  const overrides = chooseOverrides({ caller, forwarded });
  const plan = await planOperation({ document: authorized.toExecute, operationName: name, overrides });
  return {
    kind,
    name,
    // Rules on rows look at the answer as a whole: a count that comes later tells of rows that were taken out before.
    isDeferred: plan.isDeferred && !authorized.hasGuarded,
    text,
    variables,
    document,
    outcome: { kind: "planned", plan, authorized, operationId: requestId, cost },
  };
}

function selectionRemoved(document: DocumentNode, before: GraphQLSchema, after: GraphQLSchema): AppError {
  const coordinates = listMisfits(document, before, after);
  return new AppError(
    "SUBSCRIPTION_SELECTION_REMOVED",
    410,
    `The schema has changed, and what this subscription selects is no longer there as it was: ${coordinates.join(", ")}.`,
    { details: { coordinates } },
  );
}

function toExecutionRequest(
  { authorized, operationId }: PlannedOperation,
  { caller, requestId, traceparent, forwarded, signal }: Session,
): ExecutionRequest<SubgraphCallContext> {
  const { decisionId, filters } = authorized;
  return {
    variables: authorized.variablesToExecute,
    signal,
    context: { caller, requestId, traceparent, forwarded, operationId, decisionId, filters },
  };
}

/** What the caller asked to know beside the answer. */
function explain(
  { engine, costLimit, grantExplanation }: OperationStages,
  { plan, authorized, cost }: PlannedOperation,
  answer: Answer,
  session: Session,
): Promise<Answer> {
  return explainAnswer(answer, grantExplanation(session), {
    cost: () => ({ estimated: cost, allowed: costLimit.max ?? null }),
    plan: () => engine.describePlan(plan, authorized.variablesToExecute),
  });
}

async function* maskParts(
  rest: DeferredAnswer["rest"],
  mask: (answer: Answer) => Answer,
): DeferredAnswer["rest"] {
  for await (const { parts, ...others } of rest)
    yield { ...others, parts: parts.map((part) => ({ ...part, answer: mask(part.answer) })) };
}
