/** One subgraph of `graph.ts` over HTTP, in a process of its own: `serveSubgraph <name>`. Prints its address. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { composeForTest } from "../../../gateway/engine/testing/composeForTest.ts";
import { listenOnFreePort } from "../../support/listenOnFreePort.ts";
import { graph } from "./graph.ts";

const subgraph = process.argv[2] ?? "";
const { transport } = composeForTest(graph);
const signal = new AbortController().signal;
const server = createServer(async (request, response) => {
  const { query, operationName, variables = {} } = JSON.parse(await text(request));
  const call = { subgraph, operationKind: "query", query, operationName, variables } as const;
  const answer = await transport.request({ ...call, context: undefined, signal });
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
});
process.stdout.write(`http://127.0.0.1:${await listenOnFreePort(server)}/\n`);
