/**
 * A query plan in words of our own, so that a second planner needs an adapter and nothing else. Plain data: it can be
 * cached, shared between callers and sent between threads.
 */
export type QueryPlan =
  | { readonly kind: "operation"; readonly node: PlanNode | undefined }
  | DeferredPlan
  | { readonly kind: "subscription"; readonly primary: FetchNode; readonly rest: PlanNode | undefined };

/** What comes at once, and what comes later: of a planned document with @defer. */
export type DeferredPlan = {
  readonly kind: "deferred";
  readonly primary: PlanNode | undefined;
  readonly deferred: readonly DeferredFetches[];
};

/** The fetches of one deferred fragment. */
export type DeferredFetches = {
  /** As the planned document has it: one fragment of the document, at one place. */
  readonly label: string;
  /** Ids of fetches around it that have to be done before. */
  readonly after: readonly string[];
  /** From the root, as any node. Absent when the fetches around it bring all that is needed. */
  readonly node: PlanNode | undefined;
  /** Deferred within it. */
  readonly deferred: readonly DeferredFetches[];
};

export type PlanNode =
  | { readonly kind: "sequence"; readonly nodes: readonly PlanNode[] }
  | { readonly kind: "parallel"; readonly nodes: readonly PlanNode[] }
  /** Each on data of its own, put together at the end: they use the same keys for different things. */
  | { readonly kind: "separate"; readonly nodes: readonly PlanNode[] }
  | { readonly kind: "flatten"; readonly path: readonly PathSegment[]; readonly node: PlanNode }
  | {
      readonly kind: "condition";
      readonly variable: string;
      readonly included: PlanNode | undefined;
      readonly skipped: PlanNode | undefined;
    }
  | FetchNode;

export type FetchNode = {
  readonly kind: "fetch";
  /** Where deferred fetches wait for it. */
  readonly id?: string;
  readonly subgraph: string;
  readonly operationKind: "query" | "mutation" | "subscription";
  readonly operation: string;
  readonly operationName: string | undefined;
  readonly variables: readonly string[];
  /** Absent for a fetch of root fields. Otherwise each object at the path is sent as a representation of this shape. */
  readonly requires: readonly RequiredSelection[] | undefined;
  /** Response keys at the top of what this fetch delivers to each of its objects. */
  readonly delivers: readonly string[];
  /** Those of them that are computed from what is sent, and the keys of what they are computed from. */
  readonly computes?: { readonly keys: readonly string[]; readonly inputs: readonly string[] };
  /** Values of variables that are read in the data above (@fromContext). */
  readonly contexts?: readonly ContextInput[];
  readonly inputRewrites: readonly Rewrite[];
  readonly outputRewrites: readonly Rewrite[];
};

/** Of several for one variable the first counts that the types of the data fit. */
export type ContextInput = {
  readonly variable: string;
  /** How many fields above the object that the fetch is for. */
  readonly levels: number;
  /** From there. */
  readonly path: readonly PathSegment[];
  /** Response keys, from the object on, of the fields that take it as an argument. */
  readonly usedAt: readonly (readonly string[])[];
};

/** Where in the merged data: into a field, into each item of a list, or only objects of one of these types. */
export type PathSegment =
  | { readonly kind: "field"; readonly key: string }
  | { readonly kind: "items" }
  | { readonly kind: "type"; readonly names: readonly string[] };

export type RequiredSelection =
  | {
      readonly kind: "field";
      readonly key: string;
      readonly selections: readonly RequiredSelection[] | undefined;
      /** Sent when the data has it; without it the representation is complete all the same. */
      readonly optional?: boolean;
    }
  | { readonly kind: "type"; readonly name: string; readonly selections: readonly RequiredSelection[] };

/** A change to each object at `path` in what is sent (input) or what arrived (output). */
export type Rewrite =
  | {
      readonly kind: "setValue";
      readonly path: readonly PathSegment[];
      readonly key: string;
      readonly value: unknown;
    }
  | {
      readonly kind: "renameKey";
      readonly path: readonly PathSegment[];
      readonly key: string;
      readonly newKey: string;
    };
