/** Composes the subgraphs that a `supergraph.yaml` names. Whatever is wrong is told with subgraph, file, line and code. */
import { readFile } from "node:fs/promises";
import { composeServices } from "@apollo/composition";
import { type ASTNode, type DocumentNode, GraphQLError, getLocation, parse, Source } from "graphql";
import { type Environment, parseComposeConfig, type SubgraphConfig } from "./parseComposeConfig.ts";
import { readSubgraphSdl } from "./readSubgraphSdl.ts";
import { SupergraphError } from "./supergraphError.ts";

export type Composition = {
  readonly sdl: string;
  /** What composition noticed without refusing it. */
  readonly hints: readonly string[];
};

/** What is known already of running subgraphs, so that they are not asked again. */
export type KnownSubgraphs = {
  /** SDL by name. */
  readonly told: Readonly<Record<string, string>>;
  /** Names of those that the graph has to do without. */
  readonly leftOut: readonly string[];
};

export async function composeSupergraph(
  configPath: string,
  environment: Environment = {},
  known: KnownSubgraphs = { told: {}, leftOut: [] },
): Promise<Composition> {
  const text = await readFile(configPath, "utf8").catch((cause: unknown) => {
    throw new SupergraphError(`${configPath}: cannot be read`, [], { cause });
  });
  const { subgraphs } = parseComposeConfig(text, configPath, environment);
  const present = subgraphs.filter(({ name }) => !known.leftOut.includes(name));
  const services = await readServices(present, configPath, known);
  const composed = composeServices(services);
  if (composed.errors)
    throw new SupergraphError(
      `${configPath}: the subgraphs do not compose`,
      composed.errors.map(describeError),
    );
  return { sdl: composed.supergraphSdl, hints: composed.hints.map((hint) => hint.toString()) };
}

type Service = { readonly name: string; readonly url: string; readonly typeDefs: DocumentNode };

/** Reads all before it complains, so that one run tells every fault. */
async function readServices(
  subgraphs: readonly SubgraphConfig[],
  configPath: string,
  known: KnownSubgraphs,
): Promise<Service[]> {
  const outcomes = await Promise.allSettled(
    subgraphs.map((subgraph) => readService(subgraph, configPath, known)),
  );
  const faults = outcomes.flatMap((outcome, at) =>
    outcome.status === "rejected" ? [`[${subgraphs[at]?.name}] ${describeReason(outcome.reason)}`] : [],
  );
  if (faults.length > 0)
    throw new SupergraphError(`${configPath}: subgraph schemas are missing or broken`, faults);
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}

async function readService(
  { name, routingUrl, schema }: SubgraphConfig,
  configPath: string,
  { told }: KnownSubgraphs,
): Promise<Service> {
  const sdlTold = schema.kind === "url" ? told[name] : undefined;
  const { sdl, place } =
    schema.kind === "url" && sdlTold !== undefined
      ? { sdl: sdlTold, place: schema.url }
      : await readSubgraphSdl(schema, configPath);
  const url = routingUrl ?? (schema.kind === "url" ? schema.url : "");
  return { name, url, typeDefs: parse(new Source(sdl, place)) };
}

function describeReason(reason: unknown): string {
  if (reason instanceof GraphQLError) return describeError(reason);
  return reason instanceof Error ? reason.message : String(reason);
}

/** Composition errors point at nodes of several subgraphs; each says where it stands. */
function describeError(error: GraphQLError): string {
  const code = error.extensions.code;
  const nodes = error.nodes?.flatMap(placeOf) ?? [];
  const places = nodes.length > 0 ? nodes : syntaxPlace(error);
  const where = places.length > 0 ? ` (${[...new Set(places)].join(", ")})` : "";
  return `${typeof code === "string" ? `${code}: ` : ""}${error.message}${where}`;
}

function placeOf(node: ASTNode): string[] {
  if (!node.loc) return [];
  const { line, column } = getLocation(node.loc.source, node.loc.start);
  return [`${node.loc.source.name}:${line}:${column}`];
}

function syntaxPlace({ source, locations }: GraphQLError): string[] {
  const [first] = locations ?? [];
  return source && first ? [`${source.name}:${first.line}:${first.column}`] : [];
}
