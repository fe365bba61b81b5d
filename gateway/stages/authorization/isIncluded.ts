/** What `@skip` and `@include` leave of a document, before the engine has looked at its variables. */
import { Kind, type OperationDefinitionNode, type SelectionNode, type ValueNode } from "graphql";

export type Variables = Readonly<Record<string, unknown>>;

/** `variables` with the defaults that decide conditions. */
export function withDefaults(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.BOOLEAN ? [[variable.name.value, defaultValue.value] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

export function isIncluded({ directives = [] }: SelectionNode, variables: Variables): boolean {
  return directives.every(({ name, arguments: given = [] }) => {
    const condition = given.find((argument) => argument.name.value === "if");
    const holds = condition && toBoolean(condition.value, variables);
    if (name.value === "skip") return holds !== true;
    return name.value !== "include" || holds !== false;
  });
}

/** Values of another type are refused when the engine coerces variables; here they decide nothing. */
function toBoolean(value: ValueNode, variables: Variables): boolean | undefined {
  if (value.kind === Kind.BOOLEAN) return value.value;
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
  return typeof given === "boolean" ? given : undefined;
}
