/** Where things are, from the sources (as tests load them) and from dist/ (as processes run) alike. */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tree = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

export const checkout = basename(tree) === "dist" ? dirname(tree) : tree;

/** Processes are always started from the compiled tree. */
export function compiled(path: string): string {
  return join(checkout, "dist", path);
}
