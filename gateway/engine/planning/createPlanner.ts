import { isObjectType } from "@apollo/federation-internals";
import { Kind } from "graphql";
import { readOverrideLabels } from "../../supergraph/overrideLabels.ts";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { createApolloPlanner } from "./apolloPlanner.ts";
import { type CombinedPlanners, combinePlanners } from "./combinePlanners.ts";
import { createDeferPlanner } from "./deferPlanner.ts";
import { createFindRefused } from "./findRefused.ts";
import { createFindUncovered } from "./findUncovered.ts";
import { createHivePlanner } from "./hivePlanner.ts";
import type { Planner } from "./planner.ts";
import { createSubgraphTypes } from "./subgraphTypes.ts";

/**
 * `apollo` plans all; `hive` plans queries with the planner of Hive Router, checks the plans, and has Apollo's plan what
 * that one cannot. The latter is native code that aborts on some operations: not for the process that serves.
 */
export const plannerNames = ["apollo", "hive"] as const;
export type PlannerName = (typeof plannerNames)[number];

type Options = {
  /** Why Apollo's planner was asked in place of Hive's. */
  readonly onSecond?: (reason: string) => void;
};

/** Each is made when it is first got: Apollo's graph of a whole supergraph is large. */
export function createPlanners(
  supergraph: ParsedSupergraph,
  options: Options = {},
): Readonly<Record<PlannerName, () => Planner>> {
  const createApollo = once(() => createApolloPlanner(supergraph));
  const findFault = createFindFault(supergraph);
  const addDefer = (whole: Planner) =>
    createDeferPlanner({ deferring: lazily(createApollo), whole, findFault });
  const apollo = once(() => addDefer(createApollo()));
  // Hive's planner does not say what @fromContext promised a subgraph.
  if (usesContext(supergraph)) return { apollo, hive: apollo };
  // Its own way with shares would send one operation here and there.
  if (readOverrideLabels(supergraph).length > 0) return { apollo, hive: apollo };
  const createHive = () => createCheckedHivePlanner(supergraph, createApollo, findFault, options);
  return { apollo, hive: once(() => addDefer(createHive())) };
}

type FindFault = CombinedPlanners["findFault"];

function createFindFault(supergraph: ParsedSupergraph): FindFault {
  const create = once(() => {
    const schema = supergraph.parsed.apiSchema().toGraphQLJSSchema();
    const findUncovered = createFindUncovered(schema, createSubgraphTypes(supergraph));
    const findRefused = createFindRefused(supergraph);
    return (...[document, plan]: Parameters<FindFault>) => findUncovered(document, plan) ?? findRefused(plan);
  });
  return (document, plan) => create()(document, plan);
}

function createCheckedHivePlanner(
  supergraph: ParsedSupergraph,
  apollo: () => Planner,
  findFault: FindFault,
  options: Options,
): Planner {
  const second = lazily(apollo);
  const combined = combinePlanners({ first: createHivePlanner(supergraph), second, findFault, ...options });
  return {
    plan: (document) => {
      // It lets a mutation read what the one before it has written only after the next has run.
      const isQuery = document.definitions.every(
        (definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition.operation === "query",
      );
      return (isQuery ? combined : second).plan(document);
    },
  };
}

function usesContext({ parsed: { schema } }: ParsedSupergraph): boolean {
  return schema
    .types()
    .filter(isObjectType)
    .flatMap((type) => type.fields())
    .flatMap((field) => field.appliedDirectivesOf("join__field"))
    .some((join) => join.arguments().contextArguments !== undefined);
}

function lazily(create: () => Planner): Planner {
  return { plan: async (document) => create().plan(document) };
}

function once<Made>(create: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => {
    made ??= { value: create() };
    return made.value;
  };
}
