/** What the engine asks of a planner. Asynchronous, because planning may move to a thread of its own. */
import type { DocumentNode } from "graphql";
import type { QueryPlan } from "./queryPlan.ts";

export type Planner = {
  /** `document` holds one valid operation and its fragments. Rejects when no plan exists. */
  readonly plan: (document: DocumentNode) => Promise<QueryPlan>;
};
