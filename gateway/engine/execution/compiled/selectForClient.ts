import { type DirectiveNode, Kind, type OperationDefinitionNode } from "graphql";
import type { PreparedOperation } from "../../planning/prepareOperation.ts";
import { collectFields } from "./collectFields.ts";
import type { Select, Wanted } from "./compilePrinter.ts";
import { readFragments } from "./compileShapes.ts";
import type { KnownTypes } from "./knownTypes.ts";
import { NotCompilable } from "./shape.ts";

export type ClientSelection = {
  readonly operation: PreparedOperation;
  readonly types: KnownTypes;
  readonly conditions: ReadonlyMap<string, boolean>;
};

/** What the client asked for, by type: keys and their order are those of graphql-js. */
export function selectForClient({ operation, types, conditions }: ClientSelection): Select {
  const { document, plannedKeys } = operation;
  const fragments = readFragments(document);
  const isIncluded = (directives: readonly DirectiveNode[]) =>
    directives.every((directive) => decide(directive, conditions));

  const select =
    (sets: readonly OperationDefinitionNode["selectionSet"][]): Select =>
    (typeName) => {
      const applies = (condition: string) => types.fits(typeName, condition);
      const fields = collectFields(sets, { fragments, applies, isIncluded });
      return [...fields].map(([key, nodes]): Wanted => {
        const [node] = nodes;
        const name = node?.name.value ?? "";
        if (name === "__schema" || name === "__type") throw new NotCompilable("introspection");
        const nested = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
        return {
          key,
          sourceKey: (node && plannedKeys.get(node)) ?? key,
          constant: name === "__typename" ? `"${typeName}"` : undefined,
          isOptional: false,
          select: nested.length > 0 ? select(nested) : undefined,
        };
      });
    };
  return select([operation.definition.selectionSet]);
}

function decide(directive: DirectiveNode, conditions: ReadonlyMap<string, boolean>): boolean {
  const name = directive.name.value;
  if (name !== "skip" && name !== "include") return true;
  const condition = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
  const holds =
    condition?.kind === Kind.BOOLEAN
      ? condition.value
      : condition?.kind === Kind.VARIABLE
        ? conditions.get(condition.name.value)
        : undefined;
  if (holds === undefined) throw new NotCompilable("a condition that the plan was not made for");
  return holds === (name === "include");
}
