/**
 * Rings a bell at every notification of a channel, on a connection of its own that is made again when it breaks. Only
 * a wake-up: whoever waits also looks by itself, so a notification that is lost delays and loses nothing.
 */
import pg from "pg";
import { type Bell, createBell } from "../createBell.ts";
import { pause } from "../retryOutage.ts";

export type WakeUp = { readonly bell: Bell; readonly stop: () => Promise<void> };

export function listenFor(channel: string, url: string, applicationName: string): WakeUp {
  const stopping = new AbortController();
  const bell = createBell();
  const listening = run();
  return {
    bell,
    stop: async () => {
      stopping.abort();
      await listening;
    },
  };

  async function run(): Promise<void> {
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      if (await listen()) attempt = 0;
      await pause(attempt, stopping.signal);
    }
  }

  /** Until the connection breaks; answers whether there was one. */
  async function listen(): Promise<boolean> {
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    let isListening = false;
    try {
      const broken = lossOf(client);
      client.on("notification", bell.ring);
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      isListening = true;
      // For what was sent while nobody listened.
      bell.ring();
      await broken;
    } catch {
      // The database is away. Those who wait look by themselves meanwhile, and they report it.
    } finally {
      await client.end().catch(() => undefined);
    }
    return isListening;
  }

  function lossOf(client: pg.Client): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = stopping;
      const lose = (): void => {
        signal.removeEventListener("abort", lose);
        resolve();
      };
      client.on("error", lose);
      client.on("end", lose);
      signal.addEventListener("abort", lose);
    });
  }
}
