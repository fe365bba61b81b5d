/**
 * A field with @requires may itself be named in another @requires. Where an operation enters the graph in the subgraph of
 * such a field, Apollo's planner asks for it there at once, without what it needs, and the subgraph computes it from
 * nothing: silently wrong. Such a plan is made in two: first what the outer field needs, asked for as a client would,
 * which planners get right; then the plan as it was, without the fields that are there already.
 */
import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { withoutDefer } from "../deferred/deferDirective.ts";
import { fetchesOf } from "./fetchesOf.ts";
import { joinRootFetches } from "./joinRootFetches.ts";
import type { PlanNode, QueryPlan } from "./queryPlan.ts";
import { type RequirementChains, readRequirementChains } from "./requirementChains.ts";
import { isUnfed, withoutUnfed } from "./withoutUnfed.ts";

type PlanDocument = (document: DocumentNode) => Promise<QueryPlan>;

/** Rejects where the two cannot be one: a mutation must not run twice. */
export type FeedRequirements = (
  document: DocumentNode,
  plan: QueryPlan,
  planAgain: PlanDocument,
) => Promise<QueryPlan>;

export function createFeedRequirements(
  supergraph: Pick<Supergraph, "supergraphSchema" | "facts">,
  schema: GraphQLSchema,
): FeedRequirements {
  const chains = readRequirementChains(supergraph);
  if (chains.needy.size === 0) return async (_document, plan) => plan;
  return async (document, plan, planAgain) => {
    if (plan.kind === "deferred") {
      const isFed = !fetchesOf(plan).some((fetch) => isUnfed(fetch, chains));
      // Deferring less is never wrong.
      return isFed ? plan : planAgain(withoutDefer(document));
    }
    const rest = withoutUnfed(plan, chains);
    if (!rest) return plan;
    const inputs = askForInputs(document, schema, chains);
    return joinInOrder(await planAgain(withoutDefer(inputs)), rest);
  };
}

/** In place of each field that needs a needy one: what it needs. */
function askForInputs(
  document: DocumentNode,
  schema: GraphQLSchema,
  { consumers, possible }: RequirementChains,
): DocumentNode {
  const types = new TypeInfo(schema);
  const replace = (parent: GraphQLCompositeType, selection: SelectionNode): readonly SelectionNode[] => {
    if (selection.kind !== Kind.FIELD) return [selection];
    const all = possible(parent.name);
    const consuming = all.filter((type) => consumers.has(`${type}.${selection.name.value}`));
    if (consuming.length === 0) return [selection];
    return all.flatMap((type): SelectionNode[] => {
      const set = consumers.get(`${type}.${selection.name.value}`);
      // Of an inaccessible type clients see nothing.
      if (!schema.getType(type)) return [];
      const selectionSet: SelectionSetNode = set ?? { kind: Kind.SELECTION_SET, selections: [selection] };
      const condition = isAbstractType(parent)
        ? {
            typeCondition: {
              kind: Kind.NAMED_TYPE as const,
              name: { kind: Kind.NAME as const, value: type },
            },
          }
        : {};
      return [
        { kind: Kind.INLINE_FRAGMENT, ...condition, directives: selection.directives ?? [], selectionSet },
      ];
    });
  };
  const replaced = visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet: {
        // On the way out: what a field needs may need more in turn, and is fed when this is planned.
        leave: (set) => {
          const parent = types.getParentType();
          return parent
            ? { ...set, selections: set.selections.flatMap((one) => replace(parent, one)) }
            : undefined;
        },
      },
    }),
  );
  return withoutUnusedVariables(replaced);
}

function withoutUnusedVariables(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  return visit(document, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  });
}

function joinInOrder(first: QueryPlan, second: QueryPlan): QueryPlan {
  if (first.kind === "subscription" && second.kind === "subscription") {
    const primary = joinRootFetches(first.primary, second.primary);
    if (!primary) throw new Error("a subscription whose inputs come from another source");
    return {
      kind: "subscription",
      primary,
      rest: inOrder([...stepsOf(first.rest), ...stepsOf(second.rest)]),
    };
  }
  if (first.kind !== "operation" || second.kind !== "operation") throw new Error("plans of two kinds");
  const [head, ...steps] = stepsOf(first.node);
  const [secondHead, ...secondSteps] = stepsOf(second.node);
  const joined =
    head?.kind === "fetch" && secondHead?.kind === "fetch" ? joinRootFetches(head, secondHead) : undefined;
  if (joined) return { kind: "operation", node: inOrder([joined, ...steps, ...secondSteps]) };
  if ([head, secondHead].some((node) => node?.kind === "fetch" && node.operationKind === "mutation"))
    throw new Error("a mutation whose inputs would need it to run twice");
  return { kind: "operation", node: inOrder([...stepsOf(first.node), ...stepsOf(second.node)]) };
}

function stepsOf(node: PlanNode | undefined): readonly PlanNode[] {
  if (!node) return [];
  return node.kind === "sequence" ? node.nodes : [node];
}

function inOrder(nodes: readonly PlanNode[]): PlanNode {
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { kind: "sequence", nodes };
}
