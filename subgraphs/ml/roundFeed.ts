/**
 * Rounds as they move, for all who watch in this process: PostgreSQL tells of each change (the trigger tell_round), whichever
 * region's coordinator made it. What happens while the connection is broken is told to nobody, so everybody's
 * subscription ends with it: who subscribes again asks `federatedRun` for where things stand.
 */
import pg from "pg";
import type { Logger } from "pino";
import { z } from "zod";
import { createQueue, type Queue } from "../shared/createQueue.ts";
import { AppError } from "../shared/errors.ts";
import type { RoundMapper } from "./mappers.ts";

export type RoundFeed = {
  /** Every change from when this resolves on, of one run or of all. */
  readonly subscribe: (runId: string | null) => Promise<AsyncIterableIterator<RoundMapper>>;
  readonly close: () => Promise<void>;
};

type Subscriber = { readonly runId: string | null; readonly queue: Queue<RoundMapper> };

/** Changes that wait for a slow client, at most; with more its subscription ends with SLOW_CONSUMER. */
const waitingMax = 1_000;

export function openRoundFeed(url: string, log: Logger): RoundFeed {
  const subscribers = new Set<Subscriber>();
  let listening: Promise<pg.Client> | undefined;

  return {
    subscribe: async (runId) => {
      await listen();
      const queue = createQueue<RoundMapper>(waitingMax, () => subscribers.delete(subscriber));
      const subscriber = { runId, queue };
      subscribers.add(subscriber);
      return queue.items;
    },
    close: async () => {
      endAll();
      await (await listening?.catch(() => undefined))?.end();
    },
  };

  /** Opened by the first subscriber and kept; a failure is the subscriber's, and the next one tries again. */
  function listen(): Promise<pg.Client> {
    listening ??= connect().catch((cause: unknown) => {
      listening = undefined;
      throw new AppError("DATABASE_UNAVAILABLE", "the database does not answer; try again in a moment", {
        cause,
      });
    });
    return listening;
  }

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: url,
      application_name: "atlas-ml-rounds",
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    const lose = (error?: Error): void => {
      if (error) log.warn({ err: error }, "round feed lost its connection");
      listening = undefined;
      endAll();
    };
    client.on("error", lose);
    client.on("end", () => lose());
    client.on("notification", ({ payload }) => deliver(payload ?? ""));
    await client.connect();
    await client.query("LISTEN ml_round");
    return client;
  }

  function deliver(payload: string): void {
    const round = roundRow.parse(JSON.parse(payload));
    for (const { runId, queue } of subscribers)
      if (runId === null || runId === round.runId) queue.push(round);
  }

  function endAll(): void {
    for (const { queue } of subscribers) queue.end();
  }
}

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** As row_to_json writes it. */
const roundRow = z
  .object({
    id: z.string(),
    run_id: z.string(),
    number: z.number(),
    status: z.string(),
    loss: z.number().nullable(),
    accuracy: z.number().nullable(),
    started_at: moment,
    finished_at: moment.nullable(),
    base_hash: z.string().nullable(),
    result_hash: z.string().nullable(),
    state_hash: z.string().nullable(),
    stage: z.string().nullable(),
    deadline_at: moment.nullable(),
    abort_code: z.string().nullable(),
    abort_reason: z.string().nullable(),
    epoch: z.number().nullable(),
  })
  .transform(
    (row): RoundMapper => ({
      id: row.id,
      runId: row.run_id,
      number: row.number,
      status: row.status,
      loss: row.loss,
      accuracy: row.accuracy,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      baseHash: row.base_hash,
      resultHash: row.result_hash,
      stateHash: row.state_hash,
      stage: row.stage,
      deadlineAt: row.deadline_at,
      abortCode: row.abort_code,
      abortReason: row.abort_reason,
      epoch: row.epoch === null ? null : BigInt(row.epoch),
    }),
  );
