/** What a trainer says to the graph. Every answer is parsed: a trainer runs apart and may be older than the gateway. */
import { z } from "zod";
import { fromBytes, type Manifest, toBytes } from "../../domain/models/parameters.ts";
import { type RunTask, runTask } from "../../domain/rounds/runTask.ts";
import { packMessage } from "../../domain/secureAggregation/packMessage.ts";
import type { Message, SumTask } from "../../domain/secureAggregation/secureSum.ts";
import { createSendInPieces, fitsIntoRequest } from "./sendInPieces.ts";

/** Answers the data of an operation, or throws; retries are its business. */
export type Ask = (query: string, variables: Readonly<Record<string, unknown>>) => Promise<unknown>;

export type TrainerTask = {
  readonly roundId: string;
  readonly task: RunTask;
  readonly weightsHash: string;
  readonly manifest: Manifest;
  readonly weights: Float32Array;
  readonly sum: { readonly stage: string; readonly task: SumTask; readonly parts: Message } | undefined;
};

/** What a trainer has, as far as others are told. */
export type Offer = {
  readonly region: string;
  readonly dataset: string;
  readonly samples: number;
  /** Observations that it has, first and last; null when it has none. */
  readonly dataFrom: Date | null;
  readonly dataTo: Date | null;
};

/** The port between a trainer and whoever coordinates; here it is the graph. */
export type TrainerGraph = {
  /** The name under which all is said. */
  readonly trainer: string;
  readonly offer: (offer: Offer) => Promise<Outcome>;
  readonly findTasks: () => Promise<readonly TrainerTask[]>;
  readonly submitUpdate: (
    task: TrainerTask,
    attempt: number,
    samples: number,
    delta: Float32Array,
  ) => Promise<Outcome>;
  readonly submitSumAnswer: (roundId: string, stage: string, parts: Message) => Promise<Outcome>;
};

/** Said as the graph said it: the trainer is not wanted, or its update does not count. */
export type Outcome = {
  readonly kind: string;
  readonly code: string | undefined;
  readonly message: string | undefined;
};

export function createTrainerGraph(ask: Ask, trainer: string): TrainerGraph {
  const sendInPieces = createSendInPieces(ask, trainer);

  async function toPayload(roundId: string, delta: Float32Array) {
    const bytes = toBytes(delta);
    return fitsIntoRequest(bytes.byteLength)
      ? { payload: bytes.toString("base64") }
      : { upload: await sendInPieces(roundId, bytes) };
  }

  async function toAnswer(roundId: string, parts: Message) {
    const packed = packMessage(parts);
    return fitsIntoRequest(packed.byteLength)
      ? { parts: Object.entries(parts).map(toPart) }
      : { upload: await sendInPieces(roundId, packed) };
  }

  return {
    trainer,
    offer: async (offer) =>
      toOutcome(
        await ask(
          `mutation OfferTrainer($input: OfferTrainerInput!) {
            answer: offerTrainer(input: $input) { __typename ... on MlRefusal { reason message } } }`,
          {
            input: {
              ...offer,
              trainer,
              dataFrom: offer.dataFrom?.toISOString(),
              dataTo: offer.dataTo?.toISOString(),
            },
          },
        ),
      ),
    findTasks: async () =>
      tasksAnswer
        .parse(
          await ask(
            `query TrainingTasks($trainer: ID!) {
              trainingTasks(trainer: $trainer) {
                round { id } task weightsHash manifest weights sum { stage task parts { name bytes } } } }`,
            { trainer },
          ),
        )
        .trainingTasks.map(toTask),
    submitUpdate: async ({ roundId, weightsHash }, attempt, samples, delta) =>
      toOutcome(
        await ask(
          `mutation SubmitUpdate($input: SubmitUpdateInput!) {
            answer: submitUpdate(input: $input) {
              __typename ... on UpdateRefused { code message } ... on MlRefusal { reason message } } }`,
          {
            input: {
              roundId,
              trainer,
              attempt,
              weightsHash,
              samples,
              ...(await toPayload(roundId, delta)),
            },
          },
        ),
      ),
    submitSumAnswer: async (roundId, stage, parts) =>
      toOutcome(
        await ask(
          `mutation SubmitSumAnswer($input: SubmitSumAnswerInput!) {
            answer: submitSumAnswer(input: $input) {
              __typename ... on UpdateRefused { code message } ... on MlRefusal { reason message } } }`,
          { input: { roundId, trainer, stage, ...(await toAnswer(roundId, parts)) } },
        ),
      ),
  };
}

const part = z.object({ name: z.string(), bytes: z.base64() });
const tasksAnswer = z.object({
  trainingTasks: z.array(
    z.object({
      round: z.object({ id: z.string() }),
      task: z.string(),
      weightsHash: z.string(),
      manifest: z.string(),
      weights: z.base64(),
      sum: z.object({ stage: z.string(), task: z.string(), parts: z.array(part) }).nullable(),
    }),
  ),
});
const manifest = z.array(z.object({ name: z.string(), shape: z.array(z.int()) }));
const sumTask = z.object({
  roundId: z.string(),
  participants: z.array(z.string()),
  threshold: z.int(),
  length: z.int(),
  bound: z.number(),
  weightMax: z.number(),
});
const outcomeAnswer = z.object({
  answer: z.object({
    __typename: z.string(),
    code: z.string().optional(),
    reason: z.string().optional(),
    message: z.string().optional(),
  }),
});

function toTask(row: z.infer<typeof tasksAnswer>["trainingTasks"][number]): TrainerTask {
  return {
    roundId: row.round.id,
    task: runTask.parse(JSON.parse(row.task)),
    weightsHash: row.weightsHash,
    manifest: manifest.parse(JSON.parse(row.manifest)),
    weights: fromBytes(Buffer.from(row.weights, "base64")),
    sum: row.sum
      ? {
          stage: row.sum.stage,
          task: sumTask.parse(JSON.parse(row.sum.task)),
          parts: Object.fromEntries(
            row.sum.parts.map(({ name, bytes }) => [name, new Uint8Array(Buffer.from(bytes, "base64"))]),
          ),
        }
      : undefined,
  };
}

function toOutcome(data: unknown): Outcome {
  const { __typename: kind, code, reason, message } = outcomeAnswer.parse(data).answer;
  return { kind, code: code ?? reason, message };
}

function toPart([name, bytes]: [string, Uint8Array]): { readonly name: string; readonly bytes: string } {
  return { name, bytes: Buffer.from(bytes).toString("base64") };
}
