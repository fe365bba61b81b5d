/**
 * `@defer` as clients may use it. graphql-js 16 has none, so it is added to the API schema, and what is asked with it is
 * told apart here. A server may always answer a deferred fragment at once, so taking the directive away is never wrong.
 */
import {
  DirectiveLocation,
  type DirectiveNode,
  type DocumentNode,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLNonNull,
  GraphQLSchema,
  GraphQLString,
  Kind,
  visit,
} from "graphql";

const deferDirective = new GraphQLDirective({
  name: "defer",
  description: "The fragment may come after the rest of the answer.",
  locations: [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
  args: {
    if: {
      type: new GraphQLNonNull(GraphQLBoolean),
      defaultValue: true,
      description: "With false, the fragment comes with the rest.",
    },
    label: { type: GraphQLString, description: "Comes back with what was deferred." },
  },
});

export function addDeferDirective(schema: GraphQLSchema): GraphQLSchema {
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, deferDirective] });
}

export function isDefer({ name }: DirectiveNode): boolean {
  return name.value === deferDirective.name;
}

/** Whether a fragment of it may be deferred for some values of its variables. */
export function hasDefer(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive: (directive) => {
      found ||= isDefer(directive) && readDefer(directive).condition !== false;
    },
  });
  return found;
}

/** Of all fragments, or of those with one of these labels. */
export function withoutDefer(document: DocumentNode, labels?: ReadonlySet<string>): DocumentNode {
  return visit(document, {
    Directive: (directive) => {
      if (!isDefer(directive)) return undefined;
      return !labels || labels.has(readDefer(directive).label ?? "") ? null : undefined;
    },
  });
}

export type DeferArguments = {
  /** The name of a variable, where one decides. */
  readonly condition: boolean | { readonly variable: string };
  readonly label: string | undefined;
};

export function readDefer({ arguments: given = [] }: DirectiveNode): DeferArguments {
  const find = (name: string) => given.find((argument) => argument.name.value === name)?.value;
  const condition = find("if");
  const label = find("label");
  return {
    condition:
      condition?.kind === Kind.VARIABLE
        ? { variable: condition.name.value }
        : condition?.kind !== Kind.BOOLEAN || condition.value,
    label: label?.kind === Kind.STRING ? label.value : undefined,
  };
}
