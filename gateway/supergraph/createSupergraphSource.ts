/**
 * Where the supergraph comes from, to be read again and again: SDL or `supergraph.yaml`, in a file or at a URL. What has
 * not changed is neither downloaded, composed nor parsed again.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { request } from "undici";
import { composeInThread } from "./composeInThread.ts";
import { type Environment, parseComposeConfig, type SchemaSource } from "./parseComposeConfig.ts";
import { readSubgraphSdl } from "./readSubgraphSdl.ts";
import { parseSupergraph, type Supergraph } from "./supergraph.ts";
import { SupergraphError } from "./supergraphError.ts";

export type SourceOptions = {
  /** URLs by subgraph name, in place of those that the supergraph names. */
  readonly routingUrls?: ReadonlyMap<string, string>;
  /** For `${env.NAME}` in a `supergraph.yaml`. */
  readonly environment?: Environment;
};

export type SupergraphSource = {
  /**
   * The same object, or the same SupergraphError, as long as nothing has changed. An error names the source and every
   * fault. Not to be called again before it has settled.
   */
  readonly read: () => Promise<Supergraph>;
  /** The files that the last `read` looked at; none of a URL. */
  readonly files: () => readonly string[];
};

/** What a supergraph would be made of. */
type Inputs = {
  /** Equal when they are the same. */
  readonly fingerprint: string;
  readonly files: readonly string[];
  readonly makeSdl: () => Promise<string>;
};

export function createSupergraphSource(
  source: string,
  { routingUrls = new Map(), environment = {} }: SourceOptions = {},
): SupergraphSource {
  const readInputs = createReadInputs(source, environment);
  let files: readonly string[] = [];
  let last: { readonly fingerprint: string; readonly outcome: Promise<Supergraph> } | undefined;

  async function make({ makeSdl }: Inputs): Promise<Supergraph> {
    return overrideRoutingUrls(parseSupergraph(await makeSdl(), source), routingUrls, source);
  }

  return {
    files: () => files,
    read: async () => {
      const inputs = await readInputs();
      files = inputs.files;
      if (last?.fingerprint !== inputs.fingerprint)
        last = { fingerprint: inputs.fingerprint, outcome: make(inputs) };
      return last.outcome;
    },
  };
}

function createReadInputs(source: string, environment: Environment): () => Promise<Inputs> {
  if (/^https?:\/\//.test(source)) {
    const download = createDownload(source);
    return async () => toInputs(await download(), []);
  }
  if (/\.ya?ml$/.test(source)) return () => readComposeInputs(source, environment);
  return async () => toInputs(await readText(source), [source]);
}

function toInputs(sdl: string, files: readonly string[]): Inputs {
  return { fingerprint: hashOf(sdl), files, makeSdl: async () => sdl };
}

function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new SupergraphError(`${path}: cannot be read`, [], { cause });
  });
}

/** A fault in a part is for composition to tell, with all others; here it only counts as a state of that part. */
async function readComposeInputs(source: string, environment: Environment): Promise<Inputs> {
  const text = await readText(source);
  const { subgraphs } = parseComposeConfig(text, source, environment);
  const read = (schema: SchemaSource) =>
    readSubgraphSdl(schema, source).then(
      ({ sdl }) => sdl,
      (error: unknown) => String(error),
    );
  const schemas = await Promise.all(subgraphs.map(({ schema }) => read(schema)));
  return {
    fingerprint: hashOf(JSON.stringify([subgraphs, schemas])),
    files: [
      source,
      ...subgraphs.flatMap(({ schema }) =>
        schema.kind === "file" ? [resolve(dirname(source), schema.file)] : [],
      ),
    ],
    makeSdl: async () => (await composeInThread(source, environment)).sdl,
  };
}

/** Asks with the ETag of the last answer, so that an unchanged supergraph is not sent again. */
function createDownload(url: string): () => Promise<string> {
  let last: { readonly etag: string; readonly sdl: string } | undefined;
  return async () => {
    try {
      const response = await request(url, {
        headers: {
          accept: "text/plain, application/graphql, */*",
          ...(last ? { "if-none-match": last.etag } : {}),
        },
        signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
      });
      const { statusCode, headers, body } = response;
      if (statusCode === 304 && last) {
        await body.dump();
        return last.sdl;
      }
      if (statusCode !== 200) {
        await body.dump();
        throw new SupergraphError(`${url}: expected status 200, came ${statusCode}`);
      }
      const sdl = await body.text();
      last = typeof headers.etag === "string" ? { etag: headers.etag, sdl } : undefined;
      return sdl;
    } catch (cause) {
      if (cause instanceof SupergraphError) throw cause;
      throw new SupergraphError(`${url}: does not answer`, [], { cause });
    }
  };
}

/** Large supergraphs are megabytes; a registry that hangs must not hang the start. */
const DOWNLOAD_TIMEOUT_MS = 30_000;

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

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
