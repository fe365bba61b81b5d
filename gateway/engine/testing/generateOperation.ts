/** Random operations over any schema: aliases, arguments, fragments, conditions, `__typename` anywhere. Most are valid. */
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
} from "graphql";

/** A whole number from 0 up to, not including, the bound. Lower picks make simpler operations, so that failures shrink. */
export type Pick = (bound: number) => number;

export type GeneratedOperation = {
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
};

type State = {
  readonly schema: GraphQLSchema;
  readonly pick: Pick;
  readonly fragments: string[];
  readonly defers: boolean;
  /** Fields still allowed, so that an operation stays readable when it fails. */
  fieldsLeft: number;
};

export function generateOperation(
  schema: GraphQLSchema,
  kind: "query" | "mutation" | "subscription",
  pick: Pick,
  /** Plant @defer on fragments. */
  defers = false,
): GeneratedOperation {
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  const root = roots[kind];
  if (!root) throw new Error(`the schema has no ${kind}`);
  const state: State = { schema, pick, fragments: [], defers, fieldsLeft: 30 };
  const selections =
    kind === "subscription" ? `{ ${pickField(state, root, 0)} }` : pickSelections(state, root, 0);
  return {
    source: [`${kind} Generated($yes: Boolean = true, $no: Boolean!) ${selections}`, ...state.fragments].join(
      "\n",
    ),
    variables: { no: pick(2) === 1, ...(pick(2) === 1 ? { yes: pick(2) === 1 } : {}) },
  };
}

function pickSelections(state: State, type: GraphQLCompositeType, depth: number): string {
  const count = 1 + state.pick(depth === 0 ? 3 : 4);
  const selections = Array.from({ length: count }, () => pickSelection(state, type, depth));
  return `{ ${selections.join(" ")} }`;
}

function pickSelection(state: State, type: GraphQLCompositeType, depth: number): string {
  // More fragments where they matter.
  const choice = state.pick(10) + (state.defers ? 3 * state.pick(2) : 0);
  if (choice < 7) return pickField(state, type, depth);
  const condition = pickTypeCondition(state, type);
  const on = condition ?? type;
  if (choice === 7) {
    const body = pickSelections(state, on, depth + 1);
    const name = `F${state.fragments.length}`;
    state.fragments.push(`fragment ${name} on ${on.name} ${body}`);
    return `...${name}${pickCondition(state)}${pickDefer(state, type)}`;
  }
  const directives = `${pickCondition(state)}${pickDefer(state, type)}`;
  return `...${condition ? ` on ${on.name}` : ""}${directives} ${pickSelections(state, on, depth + 1)}`;
}

/** Undefined for a fragment without a condition. */
function pickTypeCondition(
  { schema, pick }: State,
  type: GraphQLCompositeType,
): GraphQLCompositeType | undefined {
  const possible: readonly GraphQLObjectType[] = isAbstractType(type)
    ? schema.getPossibleTypes(type)
    : [type];
  const abstract = Object.values(schema.getTypeMap()).filter(
    (other) => isAbstractType(other) && possible.some((object) => schema.isSubType(other, object)),
  );
  const candidates = [...possible, ...possible, ...abstract].filter(isCompositeType);
  return pick(5) === 4 ? undefined : candidates[pick(candidates.length)];
}

function pickField(state: State, type: GraphQLCompositeType, depth: number): string {
  const { pick } = state;
  const fields = isUnionType(type) ? [] : Object.values(type.getFields());
  const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
  const isDeep = depth > 5 || state.fieldsLeft <= 0;
  const candidates =
    isDeep && depth > 0 ? leaves : [...leaves, ...fields.filter((field) => !leaves.includes(field))];
  const field = candidates[pick(candidates.length + (depth > 0 ? 1 : 0))];
  if (!field) return `${pick(3) === 0 ? "t: " : ""}__typename${pickCondition(state)}`;
  state.fieldsLeft -= 1;
  const alias = pick(5) === 4 ? `${ALIASES[pick(ALIASES.length)]}: ` : "";
  const named = getNamedType(field.type);
  const body = isCompositeType(named) ? ` ${pickSelections(state, named, depth + 1)}` : "";
  const head = `${alias}${field.name}${pickArguments(state, field.args)}`;
  // A subscription's root field may not be conditional.
  return `${head}${depth === 0 && type === state.schema.getSubscriptionType() ? "" : pickCondition(state)}${body}`;
}

/** Some are what planners add by themselves, and one is what careless code takes for a prototype. */
const ALIASES = ["a", "b", "id", "name", "sku", "brand", "score", "reviews", "__proto__", "constructor"];

function pickDefer({ defers, pick, schema }: State, type: GraphQLCompositeType): string {
  // The root of a mutation may not be deferred.
  if (!defers || type === schema.getMutationType()) return "";
  return ["", " @defer", " @defer", " @defer(if: $yes)", " @defer(if: $no)"][pick(5)] ?? "";
}

function pickCondition({ pick }: State): string {
  const condition = CONDITIONS[pick(24) - 17];
  return condition === undefined ? "" : ` ${condition}`;
}

const CONDITIONS = [
  "@include(if: $yes)",
  "@skip(if: $no)",
  "@include(if: false)",
  "@skip(if: true)",
  "@include(if: true)",
  "@skip(if: false) @include(if: $no)",
  "@skip(if: $yes)",
];

function pickArguments(state: State, args: readonly GraphQLArgument[]): string {
  const given = args.flatMap((argument) =>
    isNonNullType(argument.type) || state.pick(2) === 1
      ? [`${argument.name}: ${pickValue(state, argument.name, argument.type)}`]
      : [],
  );
  return given.length > 0 ? `(${given.join(", ")})` : "";
}

function pickValue(state: State, name: string, type: GraphQLInputType): string {
  const { pick } = state;
  if (isNonNullType(type)) return pickValue(state, name, type.ofType);
  if (isListType(type))
    return `[${Array.from({ length: pick(3) }, () => pickValue(state, name, type.ofType)).join(", ")}]`;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map(
      (field) => `${field.name}: ${pickValue(state, field.name, field.type)}`,
    );
    return `{ ${fields.join(", ")} }`;
  }
  if (isEnumType(type)) return type.getValues()[pick(type.getValues().length)]?.name ?? "null";
  if (type.name === "Boolean") return ["true", "$no", "false"][pick(3)] ?? "true";
  if (type.name === "Int") return String(pick(4));
  return `"p${1 + pick(4)}"`;
}
