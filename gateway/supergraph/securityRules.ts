/**
 * What `@authenticated`, `@requiresScopes` and `@policy` demand, by schema coordinate. The directives are found by the
 * identity of their specification, so a renamed import (`@policy` as `@rego`) is the same rule and a homonym is none.
 */
import type { Directive, NamedType, Schema } from "@apollo/federation-internals";
import { isInterfaceType, isObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "./parseSupergraph.ts";
import { findRequiredCoordinates } from "./requiredCoordinates.ts";
import { SupergraphError } from "./supergraphError.ts";

/** All that is set must hold. Lists are alternatives (outer: or) of conjunctions (inner: and), never empty. */
export type SecurityRule = {
  readonly authenticated: boolean;
  readonly scopes: readonly (readonly string[])[] | undefined;
  readonly policies: readonly (readonly string[])[] | undefined;
};

/**
 * Rules by coordinate, `Type` (object, interface, scalar, enum) or `Type.field`; coordinates without a rule are absent.
 * To read a field a caller must satisfy the rules of the field, of its parent type and of the type it returns.
 * An interface and its fields carry the rules of all their implementers too: who asks through the interface must
 * satisfy them all. A field with @requires or @fromContext carries the rules of all that it is computed from.
 */
export type SecurityRules = ReadonlyMap<string, SecurityRule>;

/** Throws a SupergraphError naming each coordinate whose list is empty: Apollo reads `[]` as "everyone may". */
export function readSecurityRules({ parsed: { schema } }: Pick<ParsedSupergraph, "parsed">): SecurityRules {
  const specs = findSpecs(schema);
  const rules = new Map<string, SecurityRule>();
  const emptyLists: string[] = [];
  const note = (coordinate: string, element: Annotated) => {
    const rule = readRule(element, specs, (name) =>
      emptyLists.push(`${coordinate} has an empty list in @${name}`),
    );
    if (rule) rules.set(coordinate, rule);
  };
  for (const type of schema.types()) {
    note(type.name, type);
    for (const field of fieldsOf(type)) note(field.coordinate, field);
  }
  if (emptyLists.length > 0)
    throw new SupergraphError("authorization directives must name what they demand", emptyLists);
  addImplementers(schema, rules);
  addRequired(schema, rules);
  addImplementers(schema, rules);
  return rules;
}

type Annotated = { readonly appliedDirectives: readonly Directive[] };
type Specs = Readonly<Record<"authenticated" | "scopes" | "policies", string | undefined>>;

function findSpecs(schema: Schema): Specs {
  const nameOf = (spec: string) =>
    schema.coreFeatures?.getByIdentity(`https://specs.apollo.dev/${spec}`)?.directiveNameInSchema(spec);
  return {
    authenticated: nameOf("authenticated"),
    scopes: nameOf("requiresScopes"),
    policies: nameOf("policy"),
  };
}

function fieldsOf(type: NamedType) {
  return isObjectType(type) || isInterfaceType(type) ? type.fields() : [];
}

function readRule(
  { appliedDirectives }: Annotated,
  specs: Specs,
  onEmpty: (directive: string) => void,
): SecurityRule | undefined {
  const listsOf = (name: string | undefined, argument: "scopes" | "policies") => {
    const applied = appliedDirectives.find((directive) => directive.name === name);
    if (!applied) return undefined;
    const lists = toLists(applied.arguments()[argument]);
    if (lists.length === 0 || lists.some((list) => list.length === 0)) onEmpty(applied.name);
    return lists;
  };
  const authenticated = appliedDirectives.some((directive) => directive.name === specs.authenticated);
  const scopes = listsOf(specs.scopes, "scopes");
  const policies = listsOf(specs.policies, "policies");
  return authenticated || scopes || policies ? { authenticated, scopes, policies } : undefined;
}

function toLists(value: unknown): readonly (readonly string[])[] {
  return Array.isArray(value) ? value.map((list) => (Array.isArray(list) ? list.map(String) : [])) : [];
}

/** Apollo's composition copies implementers' rules up to the interface since 2.12; supergraphs of others have not. */
function addImplementers(schema: Schema, rules: Map<string, SecurityRule>): void {
  for (const type of schema.interfaceTypes()) {
    const implementers = type.possibleRuntimeTypes().map(({ name }) => name);
    for (const name of implementers) merge(rules, type.name, rules.get(name));
    for (const field of type.fields())
      for (const name of implementers) merge(rules, field.coordinate, rules.get(`${name}.${field.name}`));
  }
}

/** Composition demands this of the author since 2.12; supergraphs composed before leak what they compute from (GHSA-m8jr-fxqx-8xx6). */
function addRequired(schema: Schema, rules: Map<string, SecurityRule>): void {
  const own = new Map(rules);
  for (const [coordinate, required] of findRequiredCoordinates(schema))
    for (const other of required) merge(rules, coordinate, own.get(other));
}

function merge(rules: Map<string, SecurityRule>, coordinate: string, added: SecurityRule | undefined): void {
  if (!added) return;
  const own = rules.get(coordinate);
  rules.set(coordinate, {
    authenticated: (own?.authenticated ?? false) || added.authenticated,
    scopes: bothOf(own?.scopes, added.scopes),
    policies: bothOf(own?.policies, added.policies),
  });
}

/** The conjunction of two lists of alternatives, without the alternatives that a weaker one makes superfluous. */
function bothOf(a: SecurityRule["scopes"], b: SecurityRule["scopes"]): SecurityRule["scopes"] {
  if (!a || !b) return a ?? b;
  const sets = a.flatMap((left) => b.map((right) => new Set([...left, ...right])));
  return sets
    .filter((set, at) =>
      sets.every((other, i) => i === at || !isSubset(other, set) || (other.size === set.size && i > at)),
    )
    .map((set) => [...set]);
}

function isSubset(small: ReadonlySet<string>, large: ReadonlySet<string>): boolean {
  return [...small].every((value) => large.has(value));
}
