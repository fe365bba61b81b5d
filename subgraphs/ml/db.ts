/** Every query of this subgraph, named by intent, in a file for each noun under db/. Only they know Prisma. */
import type { Prisma } from "../../prisma/generated/client.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import { createWriteOnce } from "../shared/writeOnce.ts";
import { createEvaluationQueries } from "./db/evaluation.ts";
import { createLeaseQueries } from "./db/lease.ts";
import { createModelQueries } from "./db/models.ts";
import { createPredictionQueries } from "./db/predictions.ts";
import { createRoundQueries } from "./db/rounds.ts";
import { createTrainingQueries } from "./db/training.ts";
import { createTransact } from "./db/transact.ts";

export type Db = ReturnType<typeof openDb>;

export function openDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return {
    ...createQueries(prisma),
    ...createTransact(prisma),
    checkReady: async (): Promise<void> => {
      await prisma.model.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
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
    seed: async (rows: SeedRows): Promise<void> => {
      await prisma.model.createMany({ data: rows.models, skipDuplicates: true });
      await prisma.modelVersion.createMany({ data: rows.versions, skipDuplicates: true });
      await prisma.modelAlias.createMany({ data: rows.aliases, skipDuplicates: true });
      await prisma.federatedRun.createMany({ data: rows.runs, skipDuplicates: true });
      await prisma.round.createMany({ data: rows.rounds, skipDuplicates: true });
      await prisma.roundUpdate.createMany({ data: rows.updates, skipDuplicates: true });
      await prisma.experiment.createMany({ data: rows.experiments, skipDuplicates: true });
      await prisma.driftReport.createMany({ data: rows.driftReports, skipDuplicates: true });
      await prisma.prediction.createMany({ data: rows.predictions, skipDuplicates: true });
    },
  };
}

export type SeedRows = {
  readonly models: Prisma.ModelCreateManyInput[];
  readonly versions: Prisma.ModelVersionCreateManyInput[];
  readonly aliases: Prisma.ModelAliasCreateManyInput[];
  readonly runs: Prisma.FederatedRunCreateManyInput[];
  readonly rounds: Prisma.RoundCreateManyInput[];
  readonly updates: Prisma.RoundUpdateCreateManyInput[];
  readonly experiments: Prisma.ExperimentCreateManyInput[];
  readonly driftReports: Prisma.DriftReportCreateManyInput[];
  readonly predictions: Prisma.PredictionCreateManyInput[];
};
