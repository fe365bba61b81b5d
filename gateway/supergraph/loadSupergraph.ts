/** Gets a supergraph from wherever the configuration says it is: SDL or `supergraph.yaml`, in a file or at a URL. */
import { readFile } from "node:fs/promises";
import { request } from "undici";
import { composeSupergraph } from "./composeSupergraph.ts";
import type { Environment } from "./parseComposeConfig.ts";
import { parseSupergraph, type Supergraph } from "./supergraph.ts";
import { SupergraphError } from "./supergraphError.ts";

export type LoadOptions = {
  /** URLs by subgraph name, in place of those that the supergraph names. */
  readonly routingUrls?: ReadonlyMap<string, string>;
  /** For `${env.NAME}` in a `supergraph.yaml`. */
  readonly environment?: Environment;
};

/** Throws a SupergraphError that names the source and every fault. */
export async function loadSupergraph(
  source: string,
  { routingUrls = new Map(), environment = {} }: LoadOptions = {},
): Promise<Supergraph> {
  const sdl = await readSdl(source, environment);
  return overrideRoutingUrls(parseSupergraph(sdl, source), routingUrls, source);
}

async function readSdl(source: string, environment: Environment): Promise<string> {
  if (/^https?:\/\//.test(source)) return downloadSdl(source);
  if (/\.ya?ml$/.test(source)) return (await composeSupergraph(source, environment)).sdl;
  return readFile(source, "utf8").catch((cause: unknown) => {
    throw new SupergraphError(`${source}: cannot be read`, [], { cause });
  });
}

async function downloadSdl(url: string): Promise<string> {
  try {
    const response = await request(url, {
      headers: { accept: "text/plain, application/graphql, */*" },
      signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
    });
    if (response.statusCode === 200) return await response.body.text();
    await response.body.dump();
    throw new SupergraphError(`${url}: expected status 200, came ${response.statusCode}`);
  } catch (cause) {
    if (cause instanceof SupergraphError) throw cause;
    throw new SupergraphError(`${url}: does not answer`, [], { cause });
  }
}

/** Large supergraphs are megabytes; a registry that hangs must not hang the start. */
const DOWNLOAD_TIMEOUT_MS = 30_000;

function overrideRoutingUrls(
  supergraph: Supergraph,
  routingUrls: ReadonlyMap<string, string>,
  source: string,
): Supergraph {
  const known = new Set(supergraph.subgraphs.map(({ name }) => name));
  const strangers = [...routingUrls.keys()].filter((name) => !known.has(name));
  if (strangers.length > 0)
    throw new SupergraphError(
      `${source}: routing URLs are given for subgraphs that it does not have`,
      strangers.map((name) => `${name}: expected one of ${[...known].join(", ")}`),
    );
  return {
    ...supergraph,
    subgraphs: supergraph.subgraphs.map(({ name, url }) => ({ name, url: routingUrls.get(name) ?? url })),
  };
}
