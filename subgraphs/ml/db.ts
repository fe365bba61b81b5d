/** Every query of this subgraph, named by intent, in a file for each noun under db/. Only they know Prisma. */
import type { Prisma } from "../../prisma/generated/client.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import { createWriteOnce } from "../shared/writeOnce.ts";
import { createEvaluationQueries } from "./db/evaluation.ts";
import { createExperimentQueries } from "./db/experiments.ts";
import { createFactQueries, createFactTransactions } from "./db/facts.ts";
import { createLeaseQueries } from "./db/lease.ts";
import { createModelQueries } from "./db/models.ts";
import { createPredictionQueries } from "./db/predictions.ts";
import { createRegistryQueries } from "./db/registry.ts";
import { createRoundQueries } from "./db/rounds.ts";
import { createTrainingQueries } from "./db/training.ts";
import { createTransact } from "./db/transact.ts";

export type Db = ReturnType<typeof openDb>;

export function openDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return {
    ...createQueries(prisma),
    ...createTransact(prisma),
    ...createFactTransactions(prisma),
    checkReady: async (): Promise<void> => {
      await prisma.model.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
    inTransaction: <Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> =>
      prisma.$transaction((tx) => work(createQueries(tx))),
    writeOnce: createWriteOnce(prisma, { answersOf: (tx) => tx.mlIdempotency, createQueries }),
  };
}

export type Queries = ReturnType<typeof createQueries>;

function createQueries(prisma: Prisma.TransactionClient) {
  return {
    ...createModelQueries(prisma),
    ...createTrainingQueries(prisma),
    ...createRoundQueries(prisma),
    ...createLeaseQueries(prisma),
    ...createEvaluationQueries(prisma),
    ...createPredictionQueries(prisma),
    ...createFactQueries(prisma),
    ...createRegistryQueries(prisma),
    ...createExperimentQueries(prisma),
    seedModel: async (model: Prisma.ModelCreateManyInput): Promise<void> => {
      await prisma.model.createMany({ data: [model], skipDuplicates: true });
    },
  };
}
