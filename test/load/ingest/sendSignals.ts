/**
 * Sends signals at a rate, in batches, and keeps when each was sent and acknowledged. A batch that is not acknowledged is
 * sent again until it is, as a careful source does; a refusal with Retry-After is waited for.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";

export type SendOptions = {
  /** Of the gateway, without a path. */
  readonly url: string;
  readonly token: string;
  /** Signals a second. */
  readonly rate: number;
  /** Unless stopped before. */
  readonly seconds: number;
  /** Signals in a request. */
  readonly batch: number;
  /** Codes of sources that are known. */
  readonly sources: readonly string[];
};

export type Sending = {
  /** When each acknowledged signal's request was first sent, ms of the epoch, by source id. */
  readonly sentAt: ReadonlyMap<string, number>;
  /** Times from request to acknowledgement, ms. */
  readonly acceptMs: readonly number[];
  readonly counts: Readonly<{ acknowledged: number; refused: number; repeated: number; busy: number }>;
  /** Global id of a signal that was acknowledged a moment ago. */
  readonly newest: () => string | undefined;
  /** Sends no more; what is under way is sent again until it is acknowledged. */
  readonly stop: () => void;
  readonly done: Promise<void>;
};

const countries = ["DE", "FR", "US", "BR", "JP", "IN", "ZA", "AU", "SE", "EG", "MX", "TR"];
const domains = ["CYBER", "ECONOMIC", "GEOPOLITICAL", "INFRASTRUCTURE", "SOCIAL"];

/** As many requests wait for their answers at most; beyond it the sender falls behind, and says so. */
const underWayMax = 64;

export function sendSignals(options: SendOptions): Sending {
  const { url, token, rate, seconds, batch } = options;
  const agent = new Agent({ connections: underWayMax, pipelining: 1 });
  const sentAt = new Map<string, number>();
  const acceptMs: number[] = [];
  const counts = { acknowledged: 0, refused: 0, repeated: 0, busy: 0 };
  let newest: string | undefined;
  let stopped = false;
  const done = run();
  const stop = (): void => {
    stopped = true;
  };
  return { sentAt, acceptMs, counts, newest: () => newest, stop, done };

  async function run(): Promise<void> {
    const requests = Math.round((rate * seconds) / batch);
    const underWay = new Set<Promise<void>>();
    const startedAt = performance.now();
    for (let index = 0; index < requests && !stopped; index += 1) {
      const dueMs = (index * batch * 1_000) / rate - (performance.now() - startedAt);
      if (dueMs > 1) await sleep(dueMs);
      while (underWay.size >= underWayMax) await Promise.race(underWay);
      const sending = sendBatch(index).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
    await Promise.all(underWay);
    await agent.close();
  }

  async function sendBatch(index: number): Promise<void> {
    const signals = Array.from({ length: batch }, (_, at) => createSignal(options, index * batch + at));
    const body = JSON.stringify(signals);
    const at = Date.now();
    for (let attempt = 0; ; attempt += 1) {
      const answer = await post(body).catch(() => null);
      if (answer?.status === 202) {
        acceptMs.push(Date.now() - at);
        counts.acknowledged += answer.ids.length;
        counts.refused += batch - answer.ids.length;
        for (const { index: place } of answer.ids) sentAt.set(signals[place]?.sourceId ?? "", at);
        newest = answer.ids.at(-1)?.id;
        return;
      }
      if (answer?.status === 429) counts.busy += 1;
      else if (answer !== null && answer.status < 500) {
        throw new Error(`expected 202, 429 or 5xx; got ${answer.status}: ${answer.said}`);
      }
      counts.repeated += 1;
      await sleep(
        (answer?.retryAfterS ?? 0) * 1_000 + 50 * Math.min(20, attempt + 1) * (0.5 + Math.random()),
      );
    }
  }

  async function post(body: string) {
    const response = await agent.request({
      origin: url,
      path: "/ingest/v1/signals",
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body,
      headersTimeout: 20_000,
      bodyTimeout: 20_000,
    });
    const { statusCode: status, headers } = response;
    const retryAfterS = Number(headers["retry-after"] ?? 0);
    if (status !== 202) {
      const said = (await response.body.text()).slice(0, 300);
      return { status, retryAfterS, ids: [], said };
    }
    // serveIngest.ts of the same checkout is the other end.
    const answer = (await response.body.json()) as {
      accepted: { readonly index: number; readonly id: string }[];
    };
    return { status, retryAfterS, ids: answer.accepted, said: "" };
  }
}

function createSignal({ sources }: SendOptions, number: number) {
  const now = new Date().toISOString();
  return {
    source: sources[number % sources.length] ?? "",
    sourceId: randomUUID(),
    domain: domains[number % domains.length],
    kind: "load-test",
    title: `Signal ${number} of a load test, about as long as a headline is in the news`,
    summary: "A sentence or two, as feeds have them: what happened, where, and who says so. ".repeat(3),
    severity: (number % 10) / 10,
    confidence: 0.8,
    country: countries[number % countries.length],
    latitude: (number % 90) + 0.5,
    longitude: (number % 180) + 0.5,
    url: `https://news.example/${number}`,
    observedAt: now,
    updatedAt: now,
    attributes: { tone: number % 7, mentions: number % 100 },
  };
}
