/**
 * New signals for all who watch in this process. The event log is read once; what a subscriber asked for is compared
 * with the event, and only the rows that somebody wants are loaded, once for all of them.
 */
import type { Logger } from "pino";
import { createQueue, type Queue } from "../shared/createQueue.ts";
import { AppError } from "../shared/errors.ts";
import type { EventLog, LogRecord, Subscription } from "../shared/eventLog/eventLog.ts";
import { createSignalTopics, signalTopics } from "../shared/eventLog/signalTopics.ts";
import { parseSignalEvent, type SignalEvent } from "./domain/signalEvent.ts";
import { matchesFilter, type SignalFilter } from "./domain/signalFilter.ts";
import type { SignalMapper as Signal } from "./mappers.ts";

export type SignalFeed = {
  /** Every signal that matches and is stored from when this resolves, of `tenant` or of everybody. */
  readonly subscribe: (tenant: string, filter: SignalFilter) => Promise<AsyncIterableIterator<Signal>>;
  readonly close: () => Promise<void>;
};

export type SignalFeedOptions = {
  readonly eventLog: EventLog;
  readonly findSignals: (ids: readonly string[]) => Promise<readonly Signal[]>;
  readonly log: Logger;
};

type Subscriber = { readonly tenant: string; readonly filter: SignalFilter; readonly queue: Queue<Signal> };

/** Signals that wait for a slow client, at most; with more its subscription ends with SLOW_CONSUMER. */
const waitingMax = 1_000;

export function openSignalFeed({ eventLog, findSignals, log }: SignalFeedOptions): SignalFeed {
  const subscribers = new Set<Subscriber>();
  let tail: Promise<Subscription> | undefined;

  return {
    subscribe: async (tenant, filter) => {
      await openTail();
      const queue = createQueue<Signal>(waitingMax, () => subscribers.delete(subscriber));
      const subscriber = { tenant, filter, queue };
      subscribers.add(subscriber);
      return queue.items;
    },
    close: async () => {
      for (const { queue } of subscribers) queue.end();
      await (await tail)?.close();
    },
  };

  /** Opened by the first subscriber and kept; a failure is the subscriber's, and the next one tries again. */
  function openTail(): Promise<Subscription> {
    tail ??= createSignalTopics(eventLog)
      .then(() =>
        eventLog.subscribe({
          topics: signalTopics,
          from: "latest",
          onRecords: deliver,
          onRetry: (error) => log.warn({ err: error }, "signal feed broke off and will go on"),
        }),
      )
      .catch((cause: unknown) => {
        tail = undefined;
        throw new AppError("DATABASE_UNAVAILABLE", "the event log does not answer; try again in a moment", {
          cause,
        });
      });
    return tail;
  }

  /** Rejects before anything was handed out, so that a repetition repeats nothing to anybody. */
  async function deliver(records: readonly LogRecord[]): Promise<void> {
    if (subscribers.size === 0) return;
    const wanted = records.flatMap(toEvent).map((event) => ({ event, by: findSubscribers(event) }));
    const ids = new Set(wanted.filter(({ by }) => by.length > 0).map(({ event }) => event.id));
    if (ids.size === 0) return;
    const signals = new Map((await findSignals([...ids])).map((signal) => [signal.id, signal]));
    for (const { event, by } of wanted) {
      const signal = signals.get(event.id);
      // Deleted meanwhile: there is nothing to tell any more.
      if (signal) for (const { queue } of by) queue.push(signal);
    }
  }

  function findSubscribers(event: SignalEvent): readonly Subscriber[] {
    return [...subscribers].filter(
      ({ tenant, filter }) =>
        (event.tenant === "public" || event.tenant === tenant) && matchesFilter(filter, event),
    );
  }

  function toEvent({ topic, partition, offset, value }: LogRecord): readonly SignalEvent[] {
    const event = parseSignalEvent(value);
    if (event) return [event];
    // Somebody else wrote it; waiting for it to become readable would stop everybody.
    log.error({ topic, partition, offset }, "record is no signal event and was skipped");
    return [];
  }
}
