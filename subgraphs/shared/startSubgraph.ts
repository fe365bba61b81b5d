/**
 * Serves one subgraph: GraphQL over HTTP and, for subscriptions, graphql-ws at /graphql; health at /health/live and
 * /health/ready. Every GraphQL request needs a context that the gateway signed for this subgraph (verifyContext.ts).
 */
import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import Fastify, { type FastifyInstance } from "fastify";
import { parse } from "graphql";
import type { Logger } from "pino";
import type { SubgraphConfig } from "./config.ts";
import { isolateReferences } from "./isolateReferences.ts";
import { serveHttp } from "./serveHttp.ts";
import { serveWebSocket } from "./serveWebSocket.ts";
import { type CallerContext, createContextVerifier, type VerifyContext } from "./verifyContext.ts";

export type SubgraphDefinition<Context> = {
  readonly name: string;
  /** Its schema.graphql. */
  readonly schema: URL;
  /** As `Resolvers` of generated/resolvers.ts has them. */
  readonly resolvers: object;
  /** Made anew for each request, so that loaders never outlive one caller. */
  readonly createContext: (caller: CallerContext) => Context;
  /** What the process serves beside GraphQL. */
  readonly serve?: (app: FastifyInstance, verifyContext: VerifyContext) => void;
  /** Rejects while the subgraph cannot answer, with a reason that is safe to show. */
  readonly checkReady: () => Promise<void>;
  /** Lets go of what the subgraph holds: jobs, connections. Called once, after the last request. */
  readonly close: () => Promise<void>;
};

export type RunningSubgraph = {
  readonly url: string;
  /** Finishes what is under way, refuses what is new, then lets go. */
  readonly stop: () => Promise<void>;
};

/** Text that a request may have; the gateway's plans are far smaller. */
const bodyBytesMax = 8 * 1024 * 1024;

/** Rejects when the port is taken. */
export async function startSubgraph<Context extends Record<string, unknown>>(
  definition: SubgraphDefinition<Context>,
  config: SubgraphConfig,
  log: Logger,
): Promise<RunningSubgraph> {
  const { name, createContext } = definition;
  const schema = buildSubgraphSchema({
    typeDefs: parse(readFileSync(definition.schema, "utf8")),
    // @apollo/subgraph types resolvers without their context and parents; the generated types have checked them.
    resolvers: isolateReferences(definition.resolvers) as NonNullable<
      Parameters<typeof buildSubgraphSchema>[0] extends infer M
        ? M extends { resolvers?: infer R }
          ? R
          : never
        : never
    >,
  });
  const verifyContext = createContextVerifier(config.contextKey, name);
  const app = Fastify({ logger: false, bodyLimit: bodyBytesMax, forceCloseConnections: "idle" });
  serveHttp(app, { schema, verifyContext, createContext, log });
  const webSocket = serveWebSocket(app.server, { schema, verifyContext, createContext, log });
  definition.serve?.(app, verifyContext);
  serveHealth(app, definition.checkReady, log);

  const url = await app.listen({ host: config.host, port: config.port });
  log.info({ subgraph: name, url: `${url}/graphql` }, "subgraph started");
  return {
    url: `${url}/graphql`,
    stop: async () => {
      await webSocket.stop();
      await app.close();
      await definition.close();
      log.info({ subgraph: name }, "subgraph stopped");
    },
  };
}

function serveHealth(app: FastifyInstance, checkReady: () => Promise<void>, log: Logger): void {
  app.get("/health/live", () => ({ status: "live" }));
  app.get("/health/ready", async (_request, reply) => {
    try {
      await checkReady();
      return { status: "ready" };
    } catch (error) {
      log.warn({ err: error }, "not ready");
      return reply.status(503).send({ status: "not ready" });
    }
  });
}
