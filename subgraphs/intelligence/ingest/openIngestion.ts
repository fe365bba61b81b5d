/** Ingestion in one process: the door, the consumer that stores what came through it, and what is seen of both. */
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { EventLog } from "../../shared/eventLog/eventLog.ts";
import { keepTrying } from "../../shared/keepTrying.ts";
import type { VerifyContext } from "../../shared/verifyContext.ts";
import { openIngestDb } from "../db/ingest.ts";
import { createAcceptSignals } from "./acceptSignals.ts";
import type { IngestConfig } from "./config.ts";
import { createDelays, type Delay } from "./delays.ts";
import { createIngestMetrics } from "./ingestMetrics.ts";
import { type IngestLag, listLag } from "./listLag.ts";
import { createPressure } from "./pressure.ts";
import { serveIngest } from "./serveIngest.ts";
import { serveWebhook } from "./serveWebhook.ts";
import { createSourceLimits } from "./sourceLimits.ts";
import { startStoring } from "./storeSignals.ts";

export type Ingestion = {
  readonly serve: (app: FastifyInstance, verifyContext: VerifyContext) => void;
  /** For each partition that signals wait in. Rejects when the log does not answer. */
  readonly listLag: () => Promise<IngestLag[]>;
  /** Null before the first signal. */
  readonly delay: () => Delay | null;
  /** Finishes the batch under way. */
  readonly stop: () => Promise<void>;
};

export type IngestionOptions = {
  readonly databaseUrl: string;
  readonly eventLog: EventLog;
  readonly region: string;
  readonly config: IngestConfig;
  readonly log: Logger;
};

export function openIngestion({ databaseUrl, eventLog, region, config, log }: IngestionOptions): Ingestion {
  const db = openIngestDb({ url: databaseUrl, regionCode: region });
  const pressure = createPressure({ db, bytesMax: config.bytesMax, outboxRowsMax: config.outboxRowsMax });
  const findLag = () => listLag(eventLog);
  const metrics = createIngestMetrics({ pressure, listLag: findLag, findTallies: db.findTallies });
  const delays = createDelays();
  const accept = createAcceptSignals({
    db: {
      findSourceCodes: db.findSourceCodes,
      accept: async (messages, ...others) => {
        await db.accept(messages, ...others);
        pressure.addRows(messages.length);
      },
    },
    limits: createSourceLimits(config.sourceRate),
  });
  // The log may be away when the process starts; what is accepted meanwhile waits in the outbox.
  const storing = keepTrying(
    () => startStoring({ eventLog, db, log, onStored }),
    (error) => log.warn({ err: error }, "signals cannot be stored yet; trying again"),
  );
  return {
    listLag: findLag,
    delay: delays.measure,
    serve: (app, verifyContext) => {
      const options = { verifyContext, accept, pressure, onAnswered: metrics.answered, log };
      serveIngest(app, options);
      const { webhookKey } = config;
      if (webhookKey !== null) {
        serveWebhook(app, { ...options, findWebhook: db.findWebhook, masterKey: webhookKey });
      }
      app.get("/metrics", async (_request, reply) => {
        reply.type(metrics.registry.contentType);
        return metrics.registry.metrics();
      });
    },
    stop: async () => {
      pressure.stop();
      await (await storing.stop())?.stop();
      await db.close();
    },
  };

  function onStored(seconds: readonly number[]): void {
    metrics.stored(seconds);
    delays.add(seconds);
  }
}
