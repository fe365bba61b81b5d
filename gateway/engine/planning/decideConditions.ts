import { type DirectiveNode, Kind } from "graphql";

/** Drops @skip and @include whose condition is a constant; "never" when one of them rules the selection out. */
export function decideConditions(
  directives: readonly DirectiveNode[] = [],
): readonly DirectiveNode[] | "never" {
  const open: DirectiveNode[] = [];
  for (const directive of directives) {
    const constant = constantCondition(directive);
    if (constant === undefined) open.push(directive);
    else if (constant !== (directive.name.value === "include")) return "never";
  }
  return open;
}

function constantCondition({ name, arguments: args = [] }: DirectiveNode): boolean | undefined {
  if (name.value !== "skip" && name.value !== "include") return undefined;
  const condition = args.find((argument) => argument.name.value === "if")?.value;
  return condition?.kind === Kind.BOOLEAN ? condition.value : undefined;
}
