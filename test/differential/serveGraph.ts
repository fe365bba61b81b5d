/**
 * The subgraphs of a generated graph over HTTP, in a process of their own: `serveGraph <seed>`. Prints one line of JSON,
 * the address of each and one to forget what mutations have changed. Ends with its opener.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createGraph } from "./graph/createGraph.ts";
import { nameOfSubgraph } from "./graph/printSdl.ts";

export type ServedGraph = {
  readonly urls: Readonly<Record<string, string>>;
  readonly resetUrl: string;
};

const { graph, model, reset } = createGraph(Number(process.argv[2]), { hasFailingInputs: true });
const names = Array.from({ length: model.subgraphs }, (_, at) => nameOfSubgraph(at));
const ports = await Promise.all(
  names.map((subgraph) =>
    listen(async (body) => {
      const { query, operationName, variables = {} } = JSON.parse(body);
      const operationKind = /^\s*mutation\b/.test(query) ? "mutation" : "query";
      const call = { subgraph, operationKind, query, operationName, variables, context: undefined } as const;
      return graph.transport.request({ ...call, signal: new AbortController().signal });
    }),
  ),
);
const resetPort = await listen(async () => {
  reset();
  graph.calls.length = 0;
  return {};
});
const served: ServedGraph = {
  urls: Object.fromEntries(names.map((name, at) => [name, `http://127.0.0.1:${ports[at]}/`])),
  resetUrl: `http://127.0.0.1:${resetPort}/`,
};
process.stdout.write(`${JSON.stringify(served)}\n`);

async function listen(answer: (body: string) => Promise<unknown>): Promise<number> {
  const server = createServer(async (request, response) => {
    const answered = await answer(await text(request));
    response.setHeader("content-type", "application/json").end(JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // It listens on TCP.
  return (server.address() as AddressInfo).port;
}
