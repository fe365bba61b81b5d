/** A subscription of a client as one supergraph has it: what the owning subgraph is asked, and how events are completed. */
import type { Answer, SubgraphAnswer, SubgraphCall } from "../engine/engine.ts";
import type { SubgraphCallContext } from "../stages/subgraphHeaders.ts";

export type BoundSubscription = {
  readonly kind: "bound";
  readonly source: SubscriptionSource;
  /** Never rejects. Undefined when there is nothing in the event that the caller may know of. */
  readonly completeEvent: (event: SubgraphAnswer) => Promise<Answer | undefined>;
  /** The last answer of a source that broke. */
  readonly toLastAnswer: (thrown: unknown) => Answer;
  /** Coordinates that its caller may not see. */
  readonly denied: ReadonlySet<string>;
};

export type SubscriptionSource = {
  /** Sources with equal keys send the same events: one URL is asked for one operation with the same variables. */
  readonly key: string;
  /** Its `return` must end a wait for the next event. */
  readonly open: () => AsyncIterator<SubgraphAnswer, void, undefined>;
};

export type ToSubscriptionSource = (call: SubgraphCall<SubgraphCallContext>) => SubscriptionSource;

/** What may be closed only when nothing runs on it: returns the function that lets go. */
export type Hold = () => () => void;
