/**
 * A subgraph made of cases of the tables on fields: each coordinate with the directives of its case. One coordinate has one
 * set of directives, so cases that differ there come into different graphs.
 */
import { createServer } from "node:http";
import { composeServices } from "@apollo/composition";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type GraphQLResolveInfo, Kind, parse } from "graphql";
import { createHandler } from "graphql-http/lib/use/http";
import type { FieldCase } from "../../../policies/cases/readTables.ts";
import { listenOnFreePort } from "../../support/listenOnFreePort.ts";

export type FieldGraph = { readonly cases: readonly FieldCase[]; readonly sdl: string };

/** What every leaf answers. */
const answered = "answered";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@authenticated", "@requiresScopes", "@policy"])`;
const isListOfTexts = (value: unknown) =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** Whether a schema and a request over HTTP can say it: the other cases of the tables exist in Rego only. */
export function isSayable({ request, profile }: FieldCase): boolean {
  const { coordinate, authenticated, scopes, policies } = request;
  const [, type = "", field = ""] = /^([a-zA-Z]\w*)\.(\w+)$/.exec(String(coordinate)) ?? [];
  const isField =
    type !== "" && type !== "Subscription" && (!field.startsWith("__") || /^__(schema|type)$/.test(field));
  const areLists = [scopes, policies].every(
    (lists) => lists === null || (Array.isArray(lists) && lists.every(isListOfTexts)),
  );
  return (
    isField && areLists && typeof authenticated === "boolean" && profile !== undefined && isProfile(profile)
  );
}

/** `Query.thing` is nobody's in particular, so that each set of directives may have its own. */
export function toFieldGraphs(cases: readonly FieldCase[]): readonly FieldGraph[] {
  const things: string[] = [];
  const groups: { readonly cases: FieldCase[]; readonly demands: Map<string, string> }[] = [];
  for (const { request, ...entry } of cases) {
    const demand = directivesOf(request);
    if (!things.includes(demand)) things.push(demand);
    const isThing = request.coordinate === "Query.thing";
    const coordinate = isThing ? `Query.thing${things.indexOf(demand)}` : request.coordinate;
    const fitting = groups.find(
      ({ cases: [first], demands }) =>
        first?.profile === entry.profile && (demands.get(coordinate) ?? demand) === demand,
    );
    const group = fitting ?? { cases: [], demands: new Map<string, string>() };
    if (!fitting) groups.push(group);
    group.cases.push({ ...entry, request: { ...request, coordinate } });
    group.demands.set(coordinate, demand);
  }
  return groups.map(({ cases: members, demands }) => ({ cases: members, sdl: toSdl(demands) }));
}

/** The operation that reaches a coordinate, through nothing that is guarded otherwise. */
export function toOperation({ request: { coordinate, arguments: given = {} } }: FieldCase): string {
  const [type = "", field = ""] = coordinate.split(".");
  const args = Object.entries(given).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const selected = args.length > 0 ? `${field}(${args.join(", ")})` : field;
  if (field === "__schema") return "{ __schema { queryType { name } } }";
  if (field === "__type") return '{ __type(name: "Query") { name } }';
  if (coordinate === "Query.node") return "{ node { __typename } }";
  if (type === "Query") return `{ ${selected} }`;
  if (type === "Mutation") return `mutation { ${selected} }`;
  return type === "Node" ? `{ node { ${selected} } }` : `{ node { ... on ${type} { ${selected} } } }`;
}

export type ServedGraph = AsyncDisposable & { readonly supergraph: string };

/** Throws what composition says against the graph. */
export async function serveFieldGraph({ sdl }: FieldGraph): Promise<ServedGraph> {
  const typeDefs = parse(link + sdl);
  const server = createServer();
  const url = `http://127.0.0.1:${await listenOnFreePort(server)}/graphql`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const { supergraphSdl, errors } = composeServices([{ name: "cases", url, typeDefs }]);
  if (!supergraphSdl) {
    await stop();
    throw new AggregateError(errors ?? [], String(errors));
  }
  server.on(
    "request",
    createHandler({ schema: buildSubgraphSchema({ typeDefs, resolvers: resolversOf(sdl) }) }),
  );
  return { supergraph: supergraphSdl, [Symbol.asyncDispose]: stop };
}

function isProfile(profile: string): boolean {
  return profile === "local" || profile === "production";
}

function directivesOf({ authenticated, scopes, policies }: FieldCase["request"]): string {
  return [
    authenticated ? "@authenticated" : "",
    scopes === null ? "" : `@requiresScopes(scopes: ${JSON.stringify(scopes)})`,
    policies === null ? "" : `@policy(policies: ${JSON.stringify(policies)})`,
  ].join(" ");
}

function toSdl(demands: ReadonlyMap<string, string>): string {
  const types = new Map<string, string[]>([
    // One that everybody may ask for, so that something of the schema is visible.
    ["Query", demands.has("Query.regions") ? [] : ["regions: String"]],
    ["Country", []],
  ]);
  for (const [coordinate, demand] of demands) {
    const [type = "", field = ""] = coordinate.split(".");
    if (field.startsWith("__") || (type === "Node" && field === "id")) continue;
    const args = field === "dataSubjects" ? "(first: Int)" : "";
    const returned = coordinate === "Query.node" ? "Node" : "String";
    types.set(type, [...(types.get(type) ?? []), `${field}${args}: ${returned} ${demand}`]);
  }
  // What the rules on its rows read.
  const signal = types.get("Signal");
  if (signal) types.set("Signal", [...signal, "observedAt: String", "marking: String", "residency: String"]);
  if (!demands.has("Query.node")) types.get("Query")?.push("node: Node");
  const written = [...types].map(([type, fields]) => {
    if (type === "Query" || type === "Mutation") return `type ${type} { ${fields.join(" ")} }`;
    const id = fields.some((field) => field.startsWith("id:")) ? "" : "id: String ";
    return `type ${type} implements Node { ${id}${fields.join(" ")} }`;
  });
  return `interface Node { id: String } ${written.join(" ")}`;
}

function resolversOf(sdl: string) {
  const fieldsOf = parse(sdl).definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION
      ? [[definition.name.value, (definition.fields ?? []).map(({ name }) => name.value)] as const]
      : [],
  );
  return Object.fromEntries(
    fieldsOf.map(([type, fields]) => [
      type,
      Object.fromEntries(
        fields.map((field) => [field, type === "Query" && field === "node" ? findNode : () => answered]),
      ),
    ]),
  );
}

/** An object of whichever type is asked for; of signals the gateway asks for itself. */
function findNode(_root: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) {
  const asked = info.fieldNodes
    .flatMap((node) => node.selectionSet?.selections ?? [])
    .flatMap((selection) =>
      selection.kind === Kind.INLINE_FRAGMENT ? [selection.typeCondition?.name.value] : [],
    )
    .find((name) => name !== "Signal");
  return { __typename: asked ?? "Country" };
}
