/** The shop as a gateway meets it: its supergraph, its subgraphs in a process of their own, and what one server would answer. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { buildASTSchema, execute, parse } from "graphql";
import { addResolvers } from "./shop/addResolvers.ts";
import { monolithResolvers, monolithSdl, subgraphResolvers } from "./shop/resolvers.ts";

/** Where everything runs that is not measured. */
export const loadCore = "1";

/** Subgraphs listen on this port and those after it. Returns how to end them. */
export async function startShop(firstPort: number, latencyMs = 0): Promise<() => void> {
  const script = new URL("./serveShop.js", import.meta.url).pathname;
  const child = spawn("taskset", ["-c", loadCore, "node", script, String(firstPort), String(latencyMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the subgraphs ended with ${code}`)));
  });
  return () => child.kill();
}

/** Answers its path. */
export function writeSupergraph(folder: string, firstPort: number): string {
  const services = Object.keys(subgraphResolvers).map((name, index) => ({
    name,
    url: `http://127.0.0.1:${firstPort + index}/graphql`,
    typeDefs: parse(readFileSync(new URL(`./shop/${name}.graphql`, import.meta.url), "utf8")),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl)
    throw new Error(`the shop does not compose: ${errors?.map(({ message }) => message).join("; ")}`);
  const path = `${folder}/supergraph.graphql`;
  writeFileSync(path, supergraphSdl);
  return path;
}

/** Data as JSON; keys such as `a17` are all called `a`. `@defer` is nothing to a server that answers at once. */
export async function answerAsMonolith(source: string, rootValue?: unknown): Promise<string> {
  const schema = addResolvers(buildASTSchema(parse(monolithSdl)), monolithResolvers);
  const { data, errors } = await execute({ schema, document: parse(source), rootValue });
  if (errors) throw errors[0];
  return JSON.stringify(data).replace(/"a\d+":/g, '"a":');
}
