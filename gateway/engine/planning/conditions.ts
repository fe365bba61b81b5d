/**
 * @skip and @include, decided before planning. Planners get variable conditions wrong in many ways: a field beside a
 * skipped @requires field comes back null, a variable is used and not declared, a list whose items' fields are all
 * skipped is not fetched. An operation without conditions has none of these, so each combination of values that occurs
 * is planned for itself.
 */
import { type DirectiveNode, type DocumentNode, Kind, visit } from "graphql";

/** Values of the variables that conditions name. */
export type ConditionValues = ReadonlyMap<string, boolean>;

/** At most 64 plans of one document; with more variables, conditions are left to the planner. */
export const VARIABLES_MAX = 6;

/** The variables of the document's conditions; none where there are more than `most`, whose combinations would not end. */
export function findConditionVariables(document: DocumentNode, most = VARIABLES_MAX): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (directive) => {
      const condition = conditionOf(directive);
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return names.size <= most ? [...names] : [];
}

/** The directives that are still open, or "never" when one rules its selection out. */
export function decideConditions(
  directives: readonly DirectiveNode[] = [],
  values: ConditionValues,
): readonly DirectiveNode[] | "never" {
  const open: DirectiveNode[] = [];
  for (const directive of directives) {
    const holds = decide(directive, values);
    if (holds === undefined) open.push(directive);
    else if (holds !== (directive.name.value === "include")) return "never";
  }
  return open;
}

function decide(directive: DirectiveNode, values: ConditionValues): boolean | undefined {
  const condition = conditionOf(directive);
  if (condition?.kind === Kind.BOOLEAN) return condition.value;
  return condition?.kind === Kind.VARIABLE ? values.get(condition.name.value) : undefined;
}

function conditionOf({ name, arguments: args = [] }: DirectiveNode) {
  if (name.value !== "skip" && name.value !== "include") return undefined;
  return args.find((argument) => argument.name.value === "if")?.value;
}
