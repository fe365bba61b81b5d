/** Brings node_modules, generated code and dist/ up to date with the checkout. */
import { build } from "./build.mjs";
import { buildGraphiql, generate } from "./generate.mjs";
import { install } from "./install.mjs";

export async function prepare() {
  await install();
  await generate();
  await Promise.all([build(), buildGraphiql()]);
}
