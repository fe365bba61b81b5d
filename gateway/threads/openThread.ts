/** Starts a module of the gateway on a thread of its own, for work that would hold up every request. */
import { Worker } from "node:worker_threads";

/** `module` is the file's URL without its suffix: `new URL("./planningThread", import.meta.url)`. */
export function openThread(module: URL, workerData: unknown): Worker {
  return new Worker(new URL(module.href + suffix), {
    workerData,
    ...loading,
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
  });
}

/** Built files are JavaScript. In tests the sources run as they are, and a thread compiles them as Jest does. */
const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
const loading =
  suffix === ".ts"
    ? { execArgv: ["--import", new URL("../../test/support/run/loadTypescript.mjs", import.meta.url).href] }
    : {};

/** Apollo's reading of a supergraph of 2,000 types takes about 1 GB. Beyond this the thread dies, not the process. */
const heapMbMax = 3_072;
