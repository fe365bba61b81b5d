/**
 * Every query of this subgraph, named by intent, in a file for each noun under db/. Only they know Prisma.
 * Queries that read for a caller take the tenant first and never answer another tenant's rows.
 */
import type { Prisma } from "../../prisma/generated/client.ts";
import { type AnswerStore, answerOnce, type OnceAnswer } from "../shared/answerOnce.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import { createAssessmentQueries } from "./db/assessments.ts";
import { createEntityQueries } from "./db/entities.ts";
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
    checkReady: async (): Promise<void> => {
      await prisma.source.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
    /** Runs `work` in one transaction. */
    inTransaction: <Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> =>
      prisma.$transaction((tx) => work(createQueries(tx))),
    /**
     * Runs `work` and remembers the id it gives under the caller's key, in one transaction. The lock makes two
     * requests with one key wait for each other instead of both writing. A refusal writes and remembers nothing; work
     * that never refuses says so with `writeOnce<never>`.
     */
    writeOnce: <Refusal extends object>(
      tenant: string,
      key: string,
      request: unknown,
      work: (queries: Queries) => Promise<string | Refusal>,
    ): Promise<OnceAnswer | Refusal> =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${tenant}|${key}`}, 0))`;
        return answerOnce(createAnswerStore(tx, tenant, key), request, () => work(createQueries(tx)));
      }),
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
  };
}

function createAnswerStore(tx: Prisma.TransactionClient, tenant: string, key: string): AnswerStore {
  return {
    findAnswer: () => tx.intelligenceIdempotency.findUnique({ where: { tenant_key: { tenant, key } } }),
    storeAnswer: async (requestHash, result) => {
      await tx.intelligenceIdempotency.create({ data: { tenant, key, requestHash, result } });
    },
  };
}
