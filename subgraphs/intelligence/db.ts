/**
 * Every query of this subgraph, named by intent, in a file for each noun under db/. Only they know Prisma.
 * Queries that read for a caller take the tenant first and never answer another tenant's rows.
 */
import type { Prisma } from "../../prisma/generated/client.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import { createWriteOnce } from "../shared/writeOnce.ts";
import { createAssessmentQueries } from "./db/assessments.ts";
import { createConnectorQueries } from "./db/connectors.ts";
import { createEntityQueries } from "./db/entities.ts";
import { createExposureQueries } from "./db/exposure.ts";
import { createImportQueries } from "./db/imports.ts";
import { createIndicatorQueries } from "./db/indicators.ts";
import { createScenarioQueries } from "./db/scenarios.ts";
import { createSignalQueries } from "./db/signals.ts";
import { createSourceQueries } from "./db/sources.ts";

export type Db = ReturnType<typeof openDb>;

export function openDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return {
    ...createQueries(prisma),
    ...createImportQueries(prisma),
    ...createConnectorQueries(prisma),
    checkReady: async (): Promise<void> => {
      await prisma.source.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
    /** Runs `work` in one transaction. */
    inTransaction: <Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> =>
      prisma.$transaction((tx) => work(createQueries(tx))),
    writeOnce: createWriteOnce(prisma, { answersOf: (tx) => tx.intelligenceIdempotency, createQueries }),
  };
}

export type Queries = ReturnType<typeof createQueries>;

function createQueries(prisma: Prisma.TransactionClient) {
  return {
    ...createSignalQueries(prisma),
    ...createSourceQueries(prisma),
    ...createEntityQueries(prisma),
    ...createIndicatorQueries(prisma),
    ...createAssessmentQueries(prisma),
    ...createScenarioQueries(prisma),
    ...createExposureQueries(prisma),
  };
}
