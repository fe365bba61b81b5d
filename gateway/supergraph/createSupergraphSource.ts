/**
 * Where the supergraph comes from, to be read again and again: SDL or `supergraph.yaml`, in a file or at a URL. What has
 * not changed is neither downloaded, composed nor parsed again.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createDownload } from "../download.ts";
import type { Source } from "../watchSource.ts";
import { type AbsentSubgraph, askSubgraphs } from "./askSubgraphs.ts";
import { composeInThread } from "./composeInThread.ts";
import { type Environment, parseComposeConfig } from "./parseComposeConfig.ts";
import { readInThread } from "./readInThread.ts";
import { createSdlMemory, type SdlMemory } from "./sdlMemory.ts";
import type { Supergraph } from "./supergraph.ts";
import { SupergraphError } from "./supergraphError.ts";
import { toSupergraph } from "./toSupergraph.ts";

export type SourceOptions = {
  /** URLs by subgraph name, in place of those that the supergraph names. */
  readonly routingUrls?: ReadonlyMap<string, string>;
  /** For `${env.NAME}` in a `supergraph.yaml`. */
  readonly environment?: Environment;
  /** Where the SDL of running subgraphs is kept for when they do not tell it. */
  readonly cacheFolder?: string | undefined;
};

/**
 * Reads the same object, or the same SupergraphError, as long as nothing has changed. An error names the source and every
 * fault.
 */
export type SupergraphSource = Source<Supergraph> & {
  /** Running subgraphs that did not tell their SDL when last asked. */
  readonly absent: () => readonly AbsentSubgraph[];
};

/** What a supergraph would be made of. */
type Inputs = {
  /** Equal when they are the same. */
  readonly fingerprint: string;
  readonly files: readonly string[];
  readonly makeSdl: () => Promise<string>;
  readonly absent: readonly AbsentSubgraph[];
};

export function createSupergraphSource(
  source: string,
  { routingUrls = new Map(), environment = {}, cacheFolder }: SourceOptions = {},
): SupergraphSource {
  const readInputs = createReadInputs(source, environment, createSdlMemory(cacheFolder));
  let absent: readonly AbsentSubgraph[] = [];
  let files: readonly string[] = [];
  let last: { readonly fingerprint: string; readonly outcome: Promise<Supergraph> } | undefined;

  async function make({ makeSdl }: Inputs): Promise<Supergraph> {
    const read = await readInThread(await makeSdl(), source);
    const leftOut = new Set(absent.filter(({ servedBy }) => servedBy === "nothing").map(({ name }) => name));
    return overrideRoutingUrls(await toSupergraph(read), routingUrls, source, leftOut);
  }

  return {
    files: () => files,
    absent: () => absent,
    read: async () => {
      const inputs = await readInputs();
      ({ files, absent } = inputs);
      if (last?.fingerprint !== inputs.fingerprint)
        last = { fingerprint: inputs.fingerprint, outcome: make(inputs) };
      return last.outcome;
    },
  };
}

function createReadInputs(
  source: string,
  environment: Environment,
  memory: SdlMemory,
): () => Promise<Inputs> {
  if (/^https?:\/\//.test(source)) {
    const download = createDownload(source, "text/plain, application/graphql, */*");
    return async () => toInputs(await downloadText(download), []);
  }
  if (/\.ya?ml$/.test(source)) return () => readComposeInputs(source, environment, memory);
  return async () => toInputs(await readText(source), [source]);
}

function toInputs(sdl: string, files: readonly string[]): Inputs {
  return { fingerprint: hashOf(sdl), files, makeSdl: async () => sdl, absent: [] };
}

function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new SupergraphError(`${path}: cannot be read`, [], { cause });
  });
}

/** A subgraph that has never told its SDL is left out until it does: the rest of the graph is better than none. */
async function readComposeInputs(
  source: string,
  environment: Environment,
  memory: SdlMemory,
): Promise<Inputs> {
  const text = await readText(source);
  const { subgraphs } = parseComposeConfig(text, source, environment);
  const { state, told, absent } = await askSubgraphs(subgraphs, source, memory);
  const leftOut = absent.filter(({ servedBy }) => servedBy === "nothing");
  return {
    fingerprint: hashOf(JSON.stringify([subgraphs, state])),
    files: [
      source,
      ...subgraphs.flatMap(({ schema }) =>
        schema.kind === "file" ? [resolve(dirname(source), schema.file)] : [],
      ),
    ],
    makeSdl: async () => {
      try {
        return (
          await composeInThread(source, environment, { told, leftOut: leftOut.map(({ name }) => name) })
        ).sdl;
      } catch (thrown) {
        if (!(thrown instanceof SupergraphError) || leftOut.length === 0) throw thrown;
        const missing = leftOut.map(({ name, reason }) => `[${name}] left out: ${reason}`);
        throw new SupergraphError(thrown.summary, [...missing, ...thrown.faults], { cause: thrown });
      }
    },
    absent,
  };
}

async function downloadText(download: () => Promise<Buffer>): Promise<string> {
  try {
    return (await download()).toString("utf8");
  } catch (cause) {
    throw new SupergraphError(cause instanceof Error ? cause.message : String(cause), [], { cause });
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function overrideRoutingUrls(
  supergraph: Supergraph,
  routingUrls: ReadonlyMap<string, string>,
  source: string,
  leftOut: ReadonlySet<string>,
): Supergraph {
  const known = new Set([...supergraph.subgraphs.map(({ name }) => name), ...leftOut]);
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
