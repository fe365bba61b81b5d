/**
 * Random operations over any schema: aliases, arguments, variables, fragments, conditions, the same field again,
 * `__typename` anywhere. Most are valid; whoever asks has to look.
 */
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isUnionType,
  parse,
} from "graphql";
import { pickArgument } from "./generateValue.ts";
import type { GeneratedOperation, OperationKind } from "./operation.ts";
import type { Pick } from "./random.ts";

export type OperationState = {
  readonly schema: GraphQLSchema;
  readonly pick: Pick;
  readonly fragments: string[];
  readonly declared: string[];
  readonly variables: Record<string, unknown>;
  /** Name and arguments by response key. */
  readonly heads: Map<string, string>;
  readonly defers: boolean;
  /** Fields still allowed, so that an operation stays readable when it fails. */
  fieldsLeft: number;
};

export function generateOperation(
  schema: GraphQLSchema,
  kind: OperationKind,
  pick: Pick,
  /** Plant `@defer` on fragments. */
  defers = false,
): GeneratedOperation {
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  const root = roots[kind];
  if (!root) throw new Error(`the schema has no ${kind}`);
  const state: OperationState = {
    schema,
    pick,
    fragments: [],
    declared: [],
    variables: {},
    heads: new Map(),
    defers,
    fieldsLeft: 4 + pick(30),
  };
  const selections =
    kind === "subscription" ? `{ ${pickField(state, root, 0)} }` : pickSelections(state, root, 0);
  const body = [selections, ...state.fragments].join("\n");
  declareConditions(state, body);
  const declared = state.declared.length > 0 ? `(${state.declared.join(", ")})` : "";
  const source = `${kind} Generated${declared} ${body}`;
  return { kind, document: parse(source, { noLocation: true }), variables: state.variables };
}

function declareConditions({ pick, declared, variables }: OperationState, body: string): void {
  if (body.includes("$yes")) {
    declared.push("$yes: Boolean = true");
    if (pick(2) === 1) variables.yes = pick(2) === 1;
  }
  if (body.includes("$no")) {
    declared.push("$no: Boolean!");
    variables.no = pick(2) === 1;
  }
}

function pickSelections(state: OperationState, type: GraphQLCompositeType, depth: number): string {
  const count = 1 + state.pick(depth === 0 ? 3 : 4);
  const selections = Array.from({ length: count }, () => pickSelection(state, type, depth));
  return `{ ${selections.join(" ")} }`;
}

function pickSelection(state: OperationState, type: GraphQLCompositeType, depth: number): string {
  // More fragments where they matter.
  const choice = state.pick(10) + (state.defers ? 3 * state.pick(2) : 0);
  if (choice < 7 || depth > 5) return pickField(state, type, depth);
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
  { schema, pick }: OperationState,
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

function pickField(state: OperationState, type: GraphQLCompositeType, depth: number): string {
  const { pick } = state;
  const fields = isUnionType(type) ? [] : Object.values(type.getFields());
  const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
  const isDeep = depth > 5 || state.fieldsLeft <= 0;
  const candidates =
    isDeep && depth > 0 ? leaves : [...leaves, ...fields.filter((field) => !leaves.includes(field))];
  const field = candidates[pick(candidates.length + (depth > 0 ? 1 : 0))];
  if (!field) return `${pick(3) === 0 ? "t: " : ""}__typename${pickCondition(state)}`;
  state.fieldsLeft -= 1;
  const alias = pick(5) === 4 ? ALIASES[pick(ALIASES.length)] : undefined;
  const named = getNamedType(field.type);
  const body = isCompositeType(named) ? ` ${pickSelections(state, named, depth + 1)}` : "";
  const head = pickHead(state, alias ?? field.name, field);
  // A subscription's root field may not be conditional.
  return `${head}${depth === 0 && type === state.schema.getSubscriptionType() ? "" : pickCondition(state)}${body}`;
}

/**
 * A response key mostly stands for the same field with the same arguments, or most operations would not be valid. Where it does
 * not, the two are of types that exclude each other.
 */
function pickHead(state: OperationState, wanted: string, field: GraphQLField<unknown, unknown>): string {
  const { heads, pick } = state;
  const known = heads.get(wanted);
  const isAgain = known !== undefined && isOf(known, field) && pick(3) > 0;
  const head = isAgain ? known : `${field.name}${pickArguments(state, field.args)}`;
  const isTaken = known !== undefined && !isAgain && pick(4) > 0;
  const key = isTaken ? `k${heads.size}` : wanted;
  heads.set(key, head);
  return key === field.name ? head : `${key}: ${head}`;
}

function isOf(head: string, { name, args }: GraphQLField<unknown, unknown>): boolean {
  return head === name ? args.length === 0 : head.startsWith(`${name}(`);
}

/** Some are what planners add by themselves, and one is what careless code takes for a prototype. */
const ALIASES = ["a", "b", "id", "code", "part", "n", "m", "ref", "__proto__", "constructor", "x_0"];

function pickDefer({ defers, pick, schema }: OperationState, type: GraphQLCompositeType): string {
  // The root of a mutation may not be deferred.
  if (!defers || type === schema.getMutationType()) return "";
  return ["", " @defer", " @defer", " @defer(if: $yes)", " @defer(if: $no)"][pick(5)] ?? "";
}

function pickCondition({ pick }: OperationState): string {
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

function pickArguments(state: OperationState, args: readonly GraphQLArgument[]): string {
  const given = args.flatMap((argument) => {
    const isNeeded = isNonNullType(argument.type) && argument.defaultValue === undefined;
    return isNeeded || state.pick(2) === 1 ? [`${argument.name}: ${pickArgument(state, argument)}`] : [];
  });
  return given.length > 0 ? `(${given.join(", ")})` : "";
}
