/**
 * What is demanded of `@defer` beyond its definition, as graphql-js 17 has it: labels are static and told apart, the root
 * of a mutation is not deferred, and nothing of a subscription is.
 */
import {
  type ASTVisitor,
  type DirectiveNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";
import { isDefer, readDefer } from "../engine/deferred/deferDirective.ts";

export const deferRules: readonly ValidationRule[] = [checkLabels, checkRoots, checkSubscriptions];

function checkLabels(context: ValidationContext): ASTVisitor {
  const known = new Map<string, DirectiveNode>();
  return {
    Directive: (directive) => {
      if (!isDefer(directive)) return;
      const label = directive.arguments?.find(({ name }) => name.value === "label")?.value;
      if (label?.kind === Kind.VARIABLE)
        context.reportError(refuse("Expected the label of @defer to be a text, got a variable.", directive));
      if (label?.kind !== Kind.STRING) return;
      const other = known.get(label.value);
      if (other)
        context.reportError(refuse("Expected each @defer to have a label of its own.", other, directive));
      known.set(label.value, directive);
    },
  };
}

function checkRoots(context: ValidationContext): ASTVisitor {
  const schema = context.getSchema();
  return {
    Directive: (directive) => {
      const parent = isDefer(directive) ? context.getParentType() : undefined;
      if (parent && parent === schema.getMutationType())
        context.reportError(refuse("Expected no @defer at the root of a mutation, got one.", directive));
    },
  };
}

function checkSubscriptions(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (operation) => {
      if (operation.operation !== "subscription") return;
      for (const directive of findDirectives(context, operation))
        if (isDefer(directive) && readDefer(directive).condition === true)
          context.reportError(
            refuse("Expected no @defer in a subscription; with if: false it may stay.", directive),
          );
    },
  };
}

function findDirectives(context: ValidationContext, operation: OperationDefinitionNode): DirectiveNode[] {
  const fragments = context.getRecursivelyReferencedFragments(operation);
  return [operation, ...fragments].flatMap((definition) => findIn(definition.selectionSet));
}

function findIn({ selections }: OperationDefinitionNode["selectionSet"]): DirectiveNode[] {
  return selections.flatMap((selection) => [
    ...(selection.directives ?? []),
    ...(selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet
      ? findIn(selection.selectionSet)
      : []),
  ]);
}

function refuse(message: string, ...nodes: readonly DirectiveNode[]): GraphQLError {
  return new GraphQLError(message, { nodes });
}
