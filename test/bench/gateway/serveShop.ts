/**
 * The four subgraphs in one process of their own, each on its port. An answer is computed once for each body and then
 * repeated, so that the subgraphs cost next to nothing and the gateway is what is measured.
 * Arguments: first port, latency in milliseconds. Prints `ready` when all four listen.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, type GraphQLSchema, parse } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { subgraphResolvers } from "./shop/resolvers.ts";

const [firstPort = "0", latency = "0"] = process.argv.slice(2);
const latencyMs = Number(latency);
const request = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

await Promise.all(
  Object.entries(subgraphResolvers).map(async ([name, resolvers], index) => {
    const sdl = readFileSync(new URL(`./shop/${name}.graphql`, import.meta.url), "utf8");
    // @apollo/subgraph types resolvers without their parents.
    const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
    const server = createServer(answerOf(schema));
    useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
    // With hundreds of connections a gateway may be busy for longer than Node's 5 s, and must not be hung up on for that.
    server.keepAliveTimeout = 600_000;
    const listening = { port: Number(firstPort) + index, host: "127.0.0.1", backlog: 4_096 };
    await new Promise<void>((resolve) => server.listen(listening, resolve));
  }),
);
process.stdout.write("ready\n");

function answerOf(schema: GraphQLSchema) {
  const answers = new Map<string, Buffer>();
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    const key = createHash("sha1").update(body).digest("base64");
    let answer = answers.get(key);
    if (!answer) {
      const { query, variables, operationName } = request.parse(JSON.parse(body.toString()));
      const result = await execute({
        schema,
        document: parse(query),
        variableValues: variables ?? {},
        operationName: operationName ?? null,
      });
      answer = Buffer.from(JSON.stringify(result));
      // New operations would fill the memory; those of a cold run are never asked again.
      if (answers.size < 500) answers.set(key, answer);
    }
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    outgoing.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
    outgoing.end(answer);
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // Without an encoding, chunks are buffers.
  return Buffer.concat(chunks);
}
