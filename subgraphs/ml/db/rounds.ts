/** Queries of federated rounds: what the coordinator and the receiving of updates read and write. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";
import type { Manifest } from "../domain/models/parameters.ts";
import { residenciesOfRegion } from "../domain/rounds/regionResidencies.ts";
import { type RunTask, runTask } from "../domain/rounds/runTask.ts";
import type { Message } from "../domain/secureAggregation/secureSum.ts";
import { createLearningQueries } from "./learning.ts";
import { createPieceQueries } from "./pieces.ts";

const manifestRow = z.array(z.object({ name: z.string(), shape: z.array(z.int()) }));
const partsRow = z.record(z.string(), z.base64());

export type TrainedRun = Awaited<
  ReturnType<ReturnType<typeof createRoundQueries>["findTrainedRuns"]>
>[number];
export type StoredRound = NonNullable<
  Awaited<ReturnType<ReturnType<typeof createRoundQueries>["findRoundForUpdate"]>>
>;

export function createRoundQueries(prisma: Prisma.TransactionClient) {
  const toRun = <
    Run extends { readonly task: unknown; readonly baseHash: string | null; readonly id: string },
  >(
    run: Run,
  ) => {
    if (run.baseHash === null) throw new Error(`run ${run.id} has a task and no weights to start from`);
    return { ...run, baseHash: run.baseHash, task: runTask.parse(run.task) };
  };
  return {
    ...createPieceQueries(prisma),
    ...createLearningQueries(prisma),
    /** Asked again and again by a coordinator with nothing to do, so marked as no part of any request. */
    hasTrainedRuns: async (regionCode: string): Promise<boolean> => {
      const rows = await prisma.$queryRaw<unknown[]>`
        SELECT 1 /* atlas:background */ FROM ml.federated_run
        WHERE status = 'RUNNING' AND coordinated_by = ${regionCode} AND base_hash IS NOT NULL LIMIT 1`;
      return rows.length > 0;
    },
    /** Running ones that this region's coordinator leads, oldest first. */
    findTrainedRuns: async (regionCode: string) =>
      (
        await prisma.federatedRun.findMany({
          where: { status: "RUNNING", coordinatedBy: regionCode, baseHash: { not: null } },
          orderBy: [{ startedAt: "asc" }, { id: "asc" }],
        })
      ).map(toRun),
    findTrainedRun: async (id: string) => {
      const run = await prisma.federatedRun.findFirst({ where: { id, baseHash: { not: null } } });
      return run && toRun(run);
    },
    lockModel: async (modelId: string): Promise<void> => {
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`versions|${modelId}`}, 0))`;
    },
    findLastVersion: async (modelId: string): Promise<number> =>
      (await prisma.modelVersion.aggregate({ where: { modelId }, _max: { version: true } }))._max.version ??
      0,
    hasVersion: async (modelId: string, contentHash: string): Promise<boolean> =>
      (await prisma.modelVersion.count({ where: { modelId, contentHash } })) > 0,
    /** First and last observation of all who were chosen for rounds that counted. */
    findDataWindow: async (runId: string): Promise<Omit<ExampleSummary, "samples">> => {
      const rounds = await prisma.round.findMany({
        where: { runId, status: "COMMITTED" },
        select: { id: true },
      });
      const { _min, _max } = await prisma.roundParticipant.aggregate({
        where: { roundId: { in: rounds.map(({ id }) => id) } },
        _min: { dataFrom: true },
        _max: { dataTo: true },
      });
      return { dataFrom: _min.dataFrom, dataTo: _max.dataTo };
    },
    insertVersion: (version: Prisma.ModelVersionCreateInput) => prisma.modelVersion.create({ data: version }),
    insertRun: (run: Prisma.FederatedRunCreateInput) => prisma.federatedRun.create({ data: run }),
    updateRun: async (id: string, data: Prisma.FederatedRunUpdateInput): Promise<void> => {
      await prisma.federatedRun.update({ where: { id }, data });
    },

    findLastRound: (runId: string) =>
      prisma.round.findFirst({ where: { runId }, orderBy: { number: "desc" } }),
    /** Waits for whoever else decides on it. */
    findRoundForUpdate: async (id: string) => {
      await prisma.$queryRaw`SELECT 1 FROM ml.round WHERE id = ${id}::uuid FOR UPDATE`;
      return prisma.round.findUnique({ where: { id } });
    },
    insertRound: (round: Prisma.RoundCreateInput) => prisma.round.create({ data: round }),
    updateRound: async (id: string, data: Prisma.RoundUpdateInput): Promise<void> => {
      await prisma.round.update({ where: { id }, data });
    },
    findOutcomes: (runId: string) =>
      prisma.round.findMany({
        where: { runId, status: { in: ["COMMITTED", "ABORTED"] } },
        orderBy: { number: "asc" },
        select: { status: true, loss: true, accuracy: true, resultHash: true },
      }),

    /** The round of a run that made these weights, if it counted. */
    findCommitted: (runId: string, resultHash: string) =>
      prisma.round.findFirst({
        where: { runId, resultHash, status: "COMMITTED" },
        orderBy: { number: "desc" },
      }),

    findParticipant: (name: string) => prisma.participant.findUnique({ where: { name } }),
    /** False when the name is somebody else's. */
    offerParticipant: async (offer: Prisma.ParticipantCreateInput): Promise<boolean> => {
      await prisma.participant.createMany({ data: [offer], skipDuplicates: true });
      const { name, tenant, owner, ...changes } = offer;
      const { count } = await prisma.participant.updateMany({
        where: { name, tenant, owner },
        data: changes,
      });
      return count === 1;
    },
    findParticipants: (dataset: string, regionCodes: readonly string[], seenSince: Date) =>
      prisma.participant.findMany({
        where: {
          dataset,
          regionCode: { in: [...regionCodes] },
          seenAt: { gte: seenSince },
          samples: { gt: 0 },
        },
        orderBy: { name: "asc" },
      }),
    selectParticipants: async (rows: readonly Prisma.RoundParticipantCreateManyInput[]): Promise<void> => {
      await prisma.roundParticipant.createMany({ data: [...rows], skipDuplicates: true });
    },
    findSelected: (roundId: string) =>
      prisma.roundParticipant.findMany({ where: { roundId }, orderBy: { participant: "asc" } }),
    findSelection: (roundId: string, participant: string) =>
      prisma.roundParticipant.findUnique({ where: { roundId_participant: { roundId, participant } } }),

    findUpdate: (roundId: string, participant: string, attempt: number) =>
      prisma.submittedUpdate.findUnique({
        where: { roundId_participant_attempt: { roundId, participant, attempt } },
        omit: { vector: true },
      }),
    /**
     * The same bytes from somebody else, or for other weights. One's own for the same weights are no replay: training
     * again after a round that counted for nothing may give them.
     */
    findReplayed: (payloadHash: string, participant: string, baseHash: string) =>
      prisma.submittedUpdate.findFirst({
        where: { payloadHash, NOT: { participant, baseHash } },
        omit: { vector: true },
      }),
    insertUpdate: (update: Prisma.SubmittedUpdateCreateInput) =>
      prisma.submittedUpdate.create({ data: update, omit: { vector: true } }),
    /** What the other regions, and the graph, are told of the updates of one region. */
    summariseUpdates: async (roundId: string, regionCode: string): Promise<void> => {
      await prisma.$executeRaw`
        INSERT INTO ml.round_update (round_id, region_code, accepted, reason, samples, received_at)
        SELECT round_id, region_code, bool_or(accepted),
               (array_agg(code || ': ' || reason ORDER BY received_at DESC) FILTER (WHERE NOT accepted))[1],
               coalesce(sum(samples) FILTER (WHERE accepted), 0)::int, max(received_at)
        FROM ml.submitted_update WHERE round_id = ${roundId}::uuid AND region_code = ${regionCode}
        GROUP BY round_id, region_code
        ON CONFLICT (round_id, region_code) DO UPDATE SET
          accepted = excluded.accepted, reason = CASE WHEN excluded.accepted THEN NULL ELSE excluded.reason END,
          samples = excluded.samples, received_at = excluded.received_at`;
    },
    supersedeUpdates: async (roundId: string, participant: string, attempt: number): Promise<void> => {
      await prisma.submittedUpdate.updateMany({
        where: { roundId, participant, attempt: { lt: attempt }, accepted: true },
        data: {
          accepted: false,
          code: "ATTEMPT_SUPERSEDED",
          reason: `expected the newest attempt, ${attempt} came after`,
          vector: null,
        },
      });
    },
    refuseUpdates: async (
      roundId: string,
      participant: string,
      { code, message }: { readonly code: string; readonly message: string },
    ): Promise<void> => {
      await prisma.submittedUpdate.updateMany({
        where: { roundId, participant, accepted: true },
        data: { accepted: false, code, reason: message },
      });
    },
    countValid: (roundId: string) => prisma.submittedUpdate.count({ where: { roundId, accepted: true } }),
    /** In the order in which they came; that decides who is one of the first K. */
    findValid: (roundId: string) =>
      prisma.submittedUpdate.findMany({
        where: { roundId, accepted: true },
        orderBy: [{ receivedAt: "asc" }, { participant: "asc" }],
      }),
    /** Norms of the updates that counted in the last rounds that count. */
    findRecentNorms: async (runId: string, rounds: number): Promise<number[]> => {
      const committed = await prisma.round.findMany({
        where: { runId, status: "COMMITTED" },
        orderBy: { number: "desc" },
        take: rounds,
        select: { id: true },
      });
      const updates = await prisma.submittedUpdate.findMany({
        where: { roundId: { in: committed.map(({ id }) => id) }, accepted: true, norm: { not: null } },
        select: { norm: true },
      });
      return updates.flatMap(({ norm }) => (norm === null ? [] : [norm]));
    },

    storeParameters: async (contentHash: string, manifest: Manifest, vector: Uint8Array): Promise<void> => {
      await prisma.parameterSet.createMany({
        data: [
          {
            contentHash,
            manifest: manifest.map(({ name, shape }) => ({ name, shape: [...shape] })),
            vector: new Uint8Array(vector),
          },
        ],
        skipDuplicates: true,
      });
    },
    findParameters: async (contentHash: string) => {
      const row = await prisma.parameterSet.findUnique({ where: { contentHash } });
      return row && { manifest: manifestRow.parse(row.manifest), vector: row.vector };
    },

    insertAnswer: async (
      roundId: string,
      stage: string,
      participant: string,
      parts: Message,
    ): Promise<boolean> => {
      const { count } = await prisma.roundAnswer.createMany({
        data: [{ roundId, stage, participant, parts: toJson(parts) }],
        skipDuplicates: true,
      });
      return count === 1;
    },
    hasAnswer: async (roundId: string, stage: string, participant: string): Promise<boolean> =>
      (await prisma.roundAnswer.count({ where: { roundId, stage, participant } })) > 0,
    findAnswers: async (roundId: string) =>
      (await prisma.roundAnswer.findMany({ where: { roundId } })).map(({ stage, participant, parts }) => ({
        stage,
        participant,
        parts: fromJson(parts),
      })),
    countAnswers: (roundId: string, stage: string) => prisma.roundAnswer.count({ where: { roundId, stage } }),

    findLedger: (subjectGroups: readonly string[]) =>
      prisma.privacyEntry.findMany({ where: { subjectGroup: { in: [...subjectGroups] } } }),
    /** Two runs must not spend the same rest of a budget. */
    lockLedger: async (): Promise<void> => {
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('ml.privacy_entry', 0))`;
    },
    reserveBudget: async (entries: readonly Prisma.PrivacyEntryCreateManyInput[]): Promise<void> => {
      await prisma.privacyEntry.createMany({ data: [...entries], skipDuplicates: true });
    },

    findSubjectGroups: async (split: Split, regionCodes: readonly string[]): Promise<string[]> => {
      const groups = await prisma.trainingExample.groupBy({
        by: ["subjectGroup"],
        where: learnedBy(split, regionCodes),
      });
      return groups.map(({ subjectGroup }) => subjectGroup).sort();
    },
    /** What the trainer of a region learns from. */
    findTrainingExamples: (split: Split, regionCode: string) =>
      prisma.trainingExample.findMany({
        where: learnedBy(split, [regionCode]),
        orderBy: { id: "asc" },
        select: exampleFields,
      }),
    /** How many examples a region has and from when they are. */
    summariseExamples: async (split: Split, regionCode: string): Promise<ExampleSummary> => {
      const { _count, _min, _max } = await prisma.trainingExample.aggregate({
        where: learnedBy(split, [regionCode]),
        _count: { _all: true },
        _min: { observedAt: true },
        _max: { observedAt: true },
      });
      return { samples: _count._all, dataFrom: _min.observedAt, dataTo: _max.observedAt };
    },
    /** Global examples: a model is judged on what every region may hold. */
    findHoldOut: ({ dataset, holdOutFrom }: Split) =>
      prisma.trainingExample.findMany({
        where: {
          dataset,
          part: { in: holdOutFrom === null ? ["HOLD_OUT"] : ["HOLD_OUT", "BY_TIME"] },
          residency: "global",
          ...(holdOutFrom === null ? {} : { observedAt: { gte: holdOutFrom } }),
        },
        orderBy: { id: "asc" },
        select: exampleFields,
      }),
    /**
     * Since when to hold out: the newest fifth of what is split by time. Null where nothing is; undefined where there is
     * nothing to hold out at all.
     */
    findHoldOutFrom: async (
      dataset: string,
    ): Promise<{ readonly from: Date | null; readonly inputs: number } | undefined> => {
      const rows = await prisma.$queryRaw`
        SELECT percentile_disc(0.8) WITHIN GROUP (ORDER BY observed_at) FILTER (WHERE label_at IS NOT NULL) AS "from",
               max(cardinality(features)) AS inputs
        FROM ml.training_example WHERE dataset = ${dataset} AND part IN ('HOLD_OUT', 'BY_TIME') AND residency = 'global'`;
      const [{ from, inputs } = { from: null, inputs: null }] = z
        .array(z.object({ from: z.date().nullable(), inputs: z.number().nullable() }))
        .parse(rows);
      return inputs === null ? undefined : { from, inputs };
    },
    insertExamples: async (rows: readonly Prisma.TrainingExampleCreateManyInput[]): Promise<void> => {
      await prisma.trainingExample.createMany({ data: [...rows], skipDuplicates: true });
    },
  };
}

const exampleFields = { features: true, label: true } as const;

export type ExampleSummary = {
  readonly samples: number;
  /** Null where there are none. */
  readonly dataFrom: Date | null;
  readonly dataTo: Date | null;
};

/** Which examples of a data set are learned from and which are held out. */
export type Split = { readonly dataset: string; readonly holdOutFrom: Date | null };

export function toSplit({ dataset, holdOutFrom }: Pick<RunTask, "dataset" | "holdOutFrom">): Split {
  return { dataset, holdOutFrom: holdOutFrom === null ? null : new Date(holdOutFrom) };
}

/** Rows that are resident in the jurisdictions of these regions, and global ones whose home is one of them. */
function learnedBy(
  { dataset, holdOutFrom }: Split,
  regionCodes: readonly string[],
): Prisma.TrainingExampleWhereInput {
  return {
    dataset,
    part: { in: ["TRAIN", "BY_TIME"] },
    OR: [
      { residency: { in: regionCodes.flatMap(residenciesOfRegion) } },
      { residency: "global", homeRegion: { in: [...regionCodes] } },
    ],
    // A label that was known later would tell a model of the time that it is judged on.
    ...(holdOutFrom === null ? {} : { labelAt: { lte: holdOutFrom } }),
  };
}

function toJson(parts: Message): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]),
  );
}

function fromJson(parts: unknown): Message {
  return Object.fromEntries(
    Object.entries(partsRow.parse(parts)).map(([name, text]) => [name, Buffer.from(text, "base64")]),
  );
}
