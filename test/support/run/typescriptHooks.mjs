/** Module hooks (https://nodejs.org/docs/latest-v20.x/api/module.html#hooks) that compile `.ts` with the compiler of the tests. */
import { fileURLToPath } from "node:url";
import { transformFile } from "@swc/core";

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, context);
  const { code } = await transformFile(fileURLToPath(url), {
    jsc: { target: "es2023", parser: { syntax: "typescript" } },
    module: { type: "es6" },
    sourceMaps: "inline",
  });
  return { format: "module", source: code, shortCircuit: true };
}
