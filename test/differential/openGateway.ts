/** The built gateway in front of a generated graph, both in processes of their own, asked over HTTP. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { print } from "graphql";
import type { PlannerName } from "../../gateway/engine/planning/createPlanner.ts";
import { startProgram } from "../support/startProgram.ts";
import type { GeneratedGraph } from "./graph/createGraph.ts";
import type { ServedGraph } from "./serveGraph.ts";
import type { OpenSubjects } from "./subjects.ts";

/** `seed` is the one that the graph was made of. */
export async function openGateway(
  { graph }: GeneratedGraph,
  seed: number,
  planner: PlannerName,
): Promise<OpenSubjects> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-differential-"));
  const file = join(folder, "supergraph.graphql");
  await writeFile(file, graph.supergraph.sdl);
  const subgraphs = startProgram("test/differential/serveGraph.js", [String(seed)]);
  const served: ServedGraph = JSON.parse(await subgraphs.line("{"));
  const gateway = startProgram("gateway/cli/atlasGateway.js", ["--supergraph", file, "--port", "0"], {
    // Texts of errors are compared, which production hides.
    ATLAS_PROFILE: "local",
    ATLAS_PLANNER: planner,
    ATLAS_PLANNING_TIMEOUT_MS: "60000",
    ATLAS_ROUTING_URLS: Object.entries(served.urls)
      .map(([name, url]) => `${name}=${url}`)
      .join(","),
  });
  const url = (await gateway.line("ready ")).slice("ready ".length);
  return {
    subjects: {
      http: async ({ document, variables }) => {
        await post(served.resetUrl, {});
        return [await post(url, { query: print(document), variables })];
      },
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([gateway.process.stop(), subgraphs.process.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function post(url: string, body: object) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify(body),
  });
  return JSON.parse(await response.text());
}
