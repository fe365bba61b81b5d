/** Response names and variables that the gateway adds to documents for itself; clients cannot use them. */
import { type ASTNode, type ASTVisitor, GraphQLError, type ValidationContext } from "graphql";

export const hiddenPrefix = "atlas__";

/** A rule of validation: with such a name a client could put its own value where the gateway looks for the one it asked for. */
export function NoHiddenNamesRule(context: ValidationContext): ASTVisitor {
  const refuse = (name: string, node: ASTNode) => {
    if (name.startsWith(hiddenPrefix))
      context.reportError(
        new GraphQLError(
          `Names that begin with "${hiddenPrefix}" are the gateway's own; got "${name}".`,
          node,
        ),
      );
  };
  return {
    Field: (node) => refuse((node.alias ?? node.name).value, node),
    VariableDefinition: (node) => refuse(node.variable.name.value, node),
  };
}
