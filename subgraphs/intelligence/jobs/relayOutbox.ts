/**
 * Moves the outbox to the event log: read the oldest rows, send them, delete them. One relay at a time; it may die at
 * any point, because the next one sends again what was not deleted, and the log knows it by its sequence.
 *
 * Rows are deleted one by one rather than up to the last number: a transaction that took a lower number may commit
 * later than one with a higher.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { EventLog, Producer } from "../../shared/eventLog/eventLog.ts";
import { createSignalTopics } from "../../shared/eventLog/signalTopics.ts";
import { type OutboxRow, type OutboxTurn, takeOutboxTurn } from "../db/outbox.ts";
import { createIngestTopics } from "../ingest/ingestTopics.ts";

export type RelayOptions = {
  /** Where the outbox is. */
  readonly databaseUrl: string;
  readonly eventLog: EventLog;
  readonly log: Logger;
  /** How long the relay waits for a notification before it looks by itself. Default 10,000. */
  readonly pollMs?: number;
};

export type Relay = {
  /** Finishes the batch under way. */
  readonly stop: () => Promise<void>;
};

/** The same for every relay: what one has sent, the next is known to repeat. */
export const relayProducerId = "intelligence-outbox";

const batchRowsMax = 2_000;

/** How often a relay that waits asks for the turn, and how long it rests after a failure. */
const restMs = 1_000;

export function startRelay({ databaseUrl, eventLog, log, pollMs = 10_000 }: RelayOptions): Relay {
  const stopping = new AbortController();
  const { signal } = stopping;
  const producer = eventLog.createProducer({ producerId: relayProducerId });
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const turn = await takeOutboxTurn(databaseUrl);
        if (turn) await relay(turn).finally(() => turn.end().catch(() => undefined));
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, "relay broke off and will go on");
      }
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async function relay(turn: OutboxTurn): Promise<void> {
    await createSignalTopics(eventLog);
    await createIngestTopics(eventLog);
    log.info("relay took its turn");
    while (!signal.aborted) {
      const rows = await turn.findNext(batchRowsMax);
      if (rows.length === 0) {
        await turn.waitForMore(pollMs, signal);
        continue;
      }
      await sendRows(producer, rows);
      await turn.remove(rows);
      log.debug({ rows: rows.length, last: rows.at(-1)?.seq }, "relay moved rows");
    }
  }
}

/** Rows of one topic go together, in their order. */
export async function sendRows(producer: Producer, rows: readonly OutboxRow[]): Promise<void> {
  for (const topic of new Set(rows.map((row) => row.topic))) {
    const messages = rows
      .filter((row) => row.topic === topic)
      .map(({ key, value, seq }) => ({ key, value, sequence: seq }));
    await producer.send(topic, messages);
  }
}
