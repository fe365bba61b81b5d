/**
 * The life of one operation, the same on every transport:
 * identifyCaller → limitRate → findDocument → admitOperation → estimateCost → authorizeFields → planOperation → the engine
 * → shapeAnswer → maskErrors.
 */
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { Admission } from "./createAdmission.ts";
import { coerceVariables } from "./engine/answer/coerceVariables.ts";
import type { Answer, Engine, ExecutionRequest, OperationPlan, TextAnswer } from "./engine/engine.ts";
import type { GraphQLParameters } from "./http/readParameters.ts";
import type { AdmitOperation } from "./stages/admitOperation.ts";
import type { AuthorizedFields, AuthorizeFields } from "./stages/authorizeFields.ts";
import type { Caller } from "./stages/identifyCaller.ts";
import type { MaskErrors } from "./stages/maskErrors.ts";
import type { PlanOperation } from "./stages/planOperation.ts";
import { createAddTypeKeys, shapeAnswer } from "./stages/shapeAnswer.ts";
import type { SubgraphCallContext } from "./stages/subgraphHeaders.ts";

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
  readonly outcome: AnsweredOperation;
};

type SelectedOperation = {
  readonly kind: "query" | "mutation" | "subscription";
  readonly name: string | undefined;
  /** As the client sent it. */
  readonly document: DocumentNode;
  readonly outcome: AnsweredOperation | PlannedOperation;
};

/** Refused, or nothing of it allowed: the answer is there and no subgraph is asked. */
type AnsweredOperation = { readonly kind: "answered"; readonly answer: Answer };

type PlannedOperation = {
  readonly kind: "planned";
  readonly plan: OperationPlan;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly requested: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode };
  readonly authorized: AuthorizedFields;
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
  /** Ends when the client leaves (`session.signal`); a source that cannot be opened is one answer with errors. */
  readonly subscribe: (operation: Operation, session: Session) => AsyncGenerator<Answer, void, undefined>;
};

export type OperationStages = {
  readonly engine: Pick<Engine<SubgraphCallContext>, "schema" | "execute" | "executeText" | "subscribe">;
  readonly identifyCaller: (request: { authorization: string | undefined }) => Promise<Caller>;
  readonly admission: Admission;
  readonly admitOperation: AdmitOperation;
  readonly authorizeFields: AuthorizeFields;
  readonly planOperation: PlanOperation;
  readonly maskErrors: MaskErrors;
};

export function createOperationRunner(stages: OperationStages): OperationRunner {
  const { engine, identifyCaller, maskErrors } = stages;
  const addTypeKeys = createAddTypeKeys(engine.schema);
  return {
    identify: (authorization) => identifyCaller({ authorization }),
    prepare: (parameters, session) => prepareOperation(stages, addTypeKeys, parameters, session),

    async execute({ outcome }, session) {
      if (outcome.kind === "answered") return outcome.answer;
      const answer = await engine.execute(outcome.plan, toExecutionRequest(outcome, session));
      const completed = completeAnswer(engine.schema, outcome, answer);
      return maskErrors(explain(stages.admission, outcome, completed, session), session.requestId);
    },

    async executeText({ outcome }, session) {
      if (outcome.kind === "answered") return { kind: "answer", answer: outcome.answer };
      const { requested, authorized } = outcome;
      const request = toExecutionRequest(outcome, session);
      // A text is sent as it is: nothing can be put into it, neither nulls for what was denied nor explanations.
      const isFinal = authorized.document === requested.document && !session.explain?.size;
      const answered: TextAnswer = isFinal
        ? await engine.executeText(outcome.plan, request)
        : { kind: "answer", answer: await engine.execute(outcome.plan, request) };
      // A text has no errors to mask.
      if (answered.kind === "text") return answered;
      const completed = completeAnswer(engine.schema, outcome, answered.answer);
      const explained = explain(stages.admission, outcome, completed, session);
      return { kind: "answer", answer: maskErrors(explained, session.requestId) };
    },

    async *subscribe({ outcome }, session) {
      if (outcome.kind === "answered") {
        yield outcome.answer;
        return;
      }
      const source = await engine.subscribe(outcome.plan, toExecutionRequest(outcome, session));
      if (!(Symbol.asyncIterator in source)) {
        yield maskErrors({ errors: source.errors }, session.requestId);
        return;
      }
      for await (const answer of source) {
        yield maskErrors(completeAnswer(engine.schema, outcome, answer), session.requestId);
      }
    },
  };
}

async function prepareOperation(
  { engine, admission, admitOperation, authorizeFields, planOperation }: OperationStages,
  addTypeKeys: (document: DocumentNode) => DocumentNode,
  { query: sent, extensions, operationName, variables }: GraphQLParameters,
  session: Session,
): Promise<Operation> {
  const { caller, requestId } = session;
  await admission.limitRate.countRequest(session);
  const { query, keep } = await admission.findDocument({ query: sent, extensions });
  const admitted = admitOperation({ query, operationName });
  if (admitted.kind === "refused") {
    const answer = { errors: admitted.errors };
    return { kind: "refused", name: undefined, outcome: { kind: "answered", answer } };
  }
  await keep?.();
  const { document, operation } = admitted;
  const cost = admission.assessCost(admitted, variables);
  await admission.limitRate.countOperation(session, query, cost);
  const name = operation.name?.value;
  const answered = (answer: Answer): Operation => {
    return { kind: operation.operation, name, document, outcome: { kind: "answered", answer } };
  };
  const authorized = await authorizeFields({ document, operationName: name, variables, caller });
  const isWhole = authorized.document === document;
  if (!isWhole) {
    // The engine sees only the variables that what is left still uses; the client sent them all.
    const coerced = coerceVariables(engine.schema, { document, definition: operation }, variables);
    if (coerced.kind === "refused") return answered({ errors: coerced.errors });
  }
  if (authorized.nothingLeft) return answered({ errors: authorized.errors, data: null });
  const plan = await planOperation({
    document: isWhole ? document : addTypeKeys(authorized.document),
    operationName: name,
  });
  const requested = { document, operation };
  return {
    kind: operation.operation,
    name,
    document,
    outcome: { kind: "planned", plan, variables, requested, authorized, operationId: requestId, cost },
  };
}

function toExecutionRequest(
  { variables, authorized, operationId }: PlannedOperation,
  { caller, requestId, traceparent, forwarded, signal }: Session,
): ExecutionRequest<SubgraphCallContext> {
  const { decisionId } = authorized;
  return {
    variables,
    signal,
    context: { caller, requestId, traceparent, forwarded, operationId, decisionId },
  };
}

/** What the caller asked to know beside the answer. */
function explain(
  { costMax }: Admission,
  { cost }: PlannedOperation,
  answer: Answer,
  { explain: wanted }: Session,
): Answer {
  if (!wanted?.has("cost")) return answer;
  const explained = { estimated: cost, allowed: costMax ?? null };
  return { ...answer, extensions: { ...answer.extensions, cost: explained } };
}

/** Only an operation that lost fields needs them put back as nulls. */
function completeAnswer(schema: GraphQLSchema, outcome: PlannedOperation, answer: Answer): Answer {
  const { requested, authorized, variables } = outcome;
  if (authorized.document === requested.document) return answer;
  return shapeAnswer({ schema, ...requested, variables, answer, denials: authorized.errors });
}
