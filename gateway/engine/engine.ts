/**
 * What the gateway asks of its engine. The engine plans and executes operations over a supergraph; it knows
 * neither HTTP servers nor policies. Whoever calls it supplies the transport to the subgraphs.
 */
import type { DirectiveNode, DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema } from "graphql";

/** One request to one subgraph. `context` travels through the engine untouched. */
export type SubgraphCall<Context> = {
  readonly subgraph: string;
  readonly operationKind: "query" | "mutation" | "subscription";
  /** GraphQL source text of the operation that the plan holds for this subgraph. */
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly signal: AbortSignal;
};

/** A subgraph's answer as GraphQL over HTTP gives it, parsed but not trusted. */
export type SubgraphAnswer = {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly SubgraphError[];
};

/** A call whose body is ready: `{ query, operationName, variables }` as JSON, one character for each byte of UTF-8. */
export type SubgraphTextCall<Context> = Pick<
  SubgraphCall<Context>,
  "subgraph" | "operationKind" | "context" | "signal"
> & { readonly body: string };

/** An answer as it came over the wire. */
export type SubgraphText = {
  readonly bytes: Buffer;
  /** A success in JSON by its status and headers; the bytes were not looked at. */
  readonly isPlain: boolean;
  /** What `request` would have answered; throws what it would have rejected with. */
  readonly parse: () => SubgraphAnswer;
};

export type SubgraphError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
};

/**
 * The transport. `request` rejects with a coded error when the subgraph cannot be reached, is too slow or does
 * not answer GraphQL; the engine turns that into a GraphQL error at the path of the fetch and goes on.
 */
export type SubgraphTransport<Context> = {
  readonly request: (call: SubgraphCall<Context>) => Promise<SubgraphAnswer>;
  /** The same without parsing: then large parts of an answer pass through as they are. Rejects as `request` does. */
  readonly requestText?: (call: SubgraphTextCall<Context>) => Promise<SubgraphText>;
};

/** A planned operation; may be cached and shared between callers. */
export type OperationPlan = {
  readonly supergraphId: string;
  readonly operationKind: "query" | "mutation" | "subscription";
  readonly operationName: string | undefined;
  /** The one operation and its fragments, without `@defer`: valid against `Engine.schema`. */
  readonly document: DocumentNode;
  /** Whether `executeDeferred` may answer in parts. */
  readonly isDeferred: boolean;
  /** The plans, one for each combination of conditions that occurred; only the engine that made it reads it. */
  readonly node: unknown;
};

export type ExecutionRequest<Context> = {
  /** Raw variables of the request; the engine coerces them and answers BAD_USER_INPUT when they do not fit. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly signal: AbortSignal;
};

export type Answer = ExecutionResult;

/** An answer without errors, ready to be sent: JSON, one character for each byte of UTF-8. Or one to be worked on. */
export type TextAnswer =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "answer"; readonly answer: Answer };

/** An answer whose deferred fragments come later. */
export type DeferredAnswer = {
  /** What was not deferred. */
  readonly first: Answer;
  /** What is still to come; nothing when the first is all. */
  readonly pending: readonly PendingPart[];
  /** The client's `@defer` directives whose fragments are not in the first. */
  readonly late: ReadonlySet<DirectiveNode>;
  /** Whoever stops reading it stops the fetches too. */
  readonly rest: AsyncGenerator<LateAnswer, void, undefined>;
};

/** A deferred fragment for one object of the answer. */
export type PendingPart = {
  readonly id: number;
  readonly path: readonly (string | number)[];
  /** The client's, where it gave one. */
  readonly label: string | undefined;
};

export type LateAnswer = {
  readonly parts: readonly LatePart[];
  /** What was deferred within them. */
  readonly pending: readonly PendingPart[];
  readonly hasNext: boolean;
};

export type LatePart = PendingPart & {
  readonly fragment: DirectiveNode;
  /** Of the object. */
  readonly typeName: string;
  /** Data is null when a null that may not be went up to the fragment: the object stays as it is. */
  readonly answer: Answer;
};

export type Engine<Context> = {
  /** SHA-256 of the supergraph SDL, hexadecimal. */
  readonly supergraphId: string;
  /** The API schema: what clients validate against and introspect. */
  readonly schema: GraphQLSchema;
  /**
   * Throws a GraphQLError with a code when the operation cannot be planned. `document` is already valid. With variables
   * in @skip or @include there is a plan for each combination, made when it is first executed; then it is there that
   * PLANNING_FAILED is answered. `overrides` are the labels of progressive overrides that hold for this request, in an
   * order that is always the same; default none.
   */
  readonly plan: (
    document: DocumentNode,
    operationName: string | undefined,
    overrides?: readonly string[],
  ) => Promise<OperationPlan>;
  /** The normalised operations that were asked for most often; another engine may plan them before it takes over. */
  readonly mostUsed: (count: number) => readonly string[];
  /** Plans what this schema still has of them. Never rejects: what fails is told to whoever asks for it. */
  readonly warmUp: (operations: readonly string[]) => Promise<void>;
  /** The plan that these variables decide for, as data for people; undefined when they do not fit the operation. */
  readonly describePlan: (
    plan: OperationPlan,
    variables: Readonly<Record<string, unknown>>,
  ) => Promise<unknown>;
  readonly execute: (plan: OperationPlan, request: ExecutionRequest<Context>) => Promise<Answer>;
  /** As `execute`, for whoever sends the answer on unchanged when there are no errors in it. */
  readonly executeText: (plan: OperationPlan, request: ExecutionRequest<Context>) => Promise<TextAnswer>;
  /** As `execute`; fragments with `@defer` come later where a plan can bring them so. */
  readonly executeDeferred: (
    plan: OperationPlan,
    request: ExecutionRequest<Context>,
  ) => Promise<DeferredAnswer>;
  /** What the owning subgraph is to be asked, and how its events become answers; whoever calls this opens the source. */
  readonly startSubscription: (
    plan: OperationPlan,
    request: ExecutionRequest<Context>,
  ) => Promise<
    StartedSubscription<Context> | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] }
  >;
};

/** A subscription without its source, which may be older or younger than it: another engine may complete its events. */
export type StartedSubscription<Context> = {
  readonly kind: "started";
  readonly call: SubgraphCall<Context>;
  /** Each event is an execution of its own: an error in one says nothing about the next. Never rejects. */
  readonly completeEvent: (event: SubgraphAnswer) => Promise<Answer>;
  /** The last answer of a source that broke or could not be opened. */
  readonly toLastAnswer: (thrown: unknown) => Answer;
};
