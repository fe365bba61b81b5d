/**
 * Takes batches of decisions from gateways and puts them into the event log; when they are there, they are durable, and
 * the gateway is told so. It knows nothing of their storage, so a slow database delays the record and nobody else.
 */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { jwtVerify } from "jose";
import type { Logger } from "pino";
import { z } from "zod";
import { batchSchema, parseEntry } from "../../../policies/runtime/decisionChain.ts";
import type { EventLog, Producer } from "../../shared/eventLog/eventLog.ts";
import { decisionTopic } from "../decisionTopic.ts";

type Options = {
  readonly eventLog: EventLog;
  readonly contextKey: Uint8Array;
  readonly log: Logger;
};

const claimsSchema = z.object({ iss: z.literal("atlas-gateway"), sha256: z.string() });
/** A bundle, and the questions of 500 decisions. */
const bodyBytesMax = 16 * 1024 * 1024;
/** Gateways that were seen lately; each has one. */
const producersMax = 1_000;

export function receiveDecisions(app: FastifyInstance, { eventLog, contextKey, log }: Options): void {
  const producers = new Map<string, Producer>();

  /** Tells the same batch again after a retry, also after a restart of this process. */
  function producerOf(chainId: string): Producer {
    const producer =
      producers.get(chainId) ?? eventLog.createProducer({ producerId: `decisions-${chainId}` });
    producers.delete(chainId);
    producers.set(chainId, producer);
    const [oldest] = producers.keys();
    if (producers.size > producersMax && oldest !== undefined) producers.delete(oldest);
    return producer;
  }

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/json",
      { parseAs: "string", bodyLimit: bodyBytesMax },
      (_, body, done) => done(null, body),
    );
    scope.post("/decisions", async (request, reply) => {
      const body = String(request.body);
      if (!(await isSigned(request.headers["atlas-decisions"], body, contextKey))) {
        log.warn("decisions refused: not signed by the gateway");
        return reply.status(401).send({ status: "refused", expected: "a batch that the gateway signed" });
      }
      const batch = batchSchema.safeParse(parseJson(body));
      if (!batch.success) {
        log.error({ faults: batch.error.issues.map(({ path }) => path.join(".")) }, "decisions refused");
        return reply.status(400).send({ status: "refused", expected: "a batch of decisions" });
      }
      const { chain, entries } = batch.data;
      const sequence = String(parseEntry(entries[0]?.text ?? "").seq);
      await producerOf(chain.id).send(decisionTopic, [{ key: chain.id, value: body, sequence }]);
      return reply.status(202).send({ status: "kept" });
    });
  });
}

async function isSigned(
  signature: string | string[] | undefined,
  body: string,
  key: Uint8Array,
): Promise<boolean> {
  if (typeof signature !== "string") return false;
  try {
    const { payload } = await jwtVerify(signature, key, {
      algorithms: ["HS256"],
      typ: "atlas-decisions+jwt",
      clockTolerance: 5,
      requiredClaims: ["exp"],
    });
    return claimsSchema.parse(payload).sha256 === createHash("sha256").update(body).digest("hex");
  } catch {
    return false;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
