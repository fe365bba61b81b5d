/**
 * Wakes whoever waits for new records, by LISTEN. Only a wake-up: waiters also look after `pollMs`, so a notification
 * that is lost with its connection delays and loses nothing.
 */
import pg from "pg";
import { pause } from "./withRetry.ts";

export type WakeUp = {
  /** Resolves at the next notification, after `pollMs`, or when stopped. Call before looking, await after. */
  readonly next: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function listenFor(channel: string, url: string, applicationName: string, pollMs: number): WakeUp {
  const stopping = new AbortController();
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of waiters) waiter();
    waiters.clear();
  };
  const listening = listen();

  return {
    next: () =>
      new Promise((resolve) => {
        if (stopping.signal.aborted) return resolve();
        const timer = setTimeout(done, pollMs);
        function done(): void {
          clearTimeout(timer);
          waiters.delete(done);
          resolve();
        }
        waiters.add(done);
      }),
    stop: async () => {
      stopping.abort();
      wake();
      await listening;
    },
  };

  async function listen(): Promise<void> {
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      const client = new pg.Client({
        connectionString: url,
        application_name: applicationName,
        keepAlive: true,
      });
      try {
        const lost = lossOf(client);
        await client.connect();
        client.on("notification", wake);
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
        attempt = 0;
        // What was sent while nobody listened.
        wake();
        await lost;
      } catch {
        // The database is away; waiters poll meanwhile, and they report it.
      } finally {
        await client.end().catch(() => undefined);
      }
      await pause(attempt, stopping.signal);
    }
  }

  function lossOf(client: pg.Client): Promise<void> {
    return new Promise((resolve) => {
      client.on("error", () => resolve());
      client.on("end", () => resolve());
      stopping.signal.addEventListener("abort", () => resolve());
    });
  }
}
