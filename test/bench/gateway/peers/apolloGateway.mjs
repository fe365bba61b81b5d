// Stock ApolloGateway behind Apollo Server, as the public benchmark runs it, in one process. Arguments: supergraph, port.
import { readFileSync } from "node:fs";
import http from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const [supergraph, port] = process.argv.slice(2);

// Node's 5 s are less than one turn through 500 connections takes here, and then clients that wait are hung up on.
const { createServer } = http;
http.createServer = (...args) => Object.assign(createServer(...args), { keepAliveTimeout: 600_000 });

class ForwardingDataSource extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    if (context.authorization) request.http.headers.set("authorization", context.authorization);
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(supergraph, "utf8"),
  buildService: ({ url }) => new ForwardingDataSource({ url }),
});
await startStandaloneServer(new ApolloServer({ gateway }), {
  listen: { host: "127.0.0.1", port: Number(port) },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
});
