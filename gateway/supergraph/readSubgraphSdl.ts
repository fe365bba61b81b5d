/** Where a subgraph's SDL comes from, and what to call that place when something in it is wrong. */
import { readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { request } from "undici";
import type { SchemaSource } from "./parseComposeConfig.ts";

export type SubgraphSdl = { readonly sdl: string; readonly place: string };

/** Files are relative to the configuration that names them. Throws an Error whose message says what was tried. */
export async function readSubgraphSdl(schema: SchemaSource, configPath: string): Promise<SubgraphSdl> {
  switch (schema.kind) {
    case "sdl":
      return { sdl: schema.sdl, place: configPath };
    case "file": {
      const path = resolve(dirname(configPath), schema.file);
      const place = relative(process.cwd(), path) || path;
      return { sdl: await readText(path, place), place };
    }
    case "url":
      return { sdl: await askForSdl(schema.url, schema.headers), place: schema.url };
  }
}

async function readText(path: string, place: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Error(`cannot read ${place}`, { cause });
  }
}

async function askForSdl(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const response = await request(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: "{ _service { sdl } }" }),
    signal: AbortSignal.timeout(SDL_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`${url} does not answer`, { cause });
  });
  const body: unknown = await response.body.json().catch(() => undefined);
  const sdl = readPath(body, ["data", "_service", "sdl"]);
  if (typeof sdl === "string") return sdl;
  throw new Error(`${url} answered ${response.statusCode} without _service.sdl: is it a subgraph?`);
}

/** A subgraph that starts beside us may need a moment; a start that hangs must say so. */
const SDL_TIMEOUT_MS = 10_000;

function readPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}
