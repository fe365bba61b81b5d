import { expect, test } from "@jest/globals";
import type { OutboxMessage, QuarantinedSignal, Tally } from "../db/ingest.ts";
import { createAcceptSignals } from "./acceptSignals.ts";
import { createSourceLimits } from "./sourceLimits.ts";

const record = (sourceId: string, source = "feed") => ({
  kind: "record" as const,
  version: "1",
  record: {
    source,
    sourceId,
    domain: "CYBER",
    kind: "test",
    title: "Something happened",
    severity: 0.5,
    confidence: 0.5,
    observedAt: "2024-03-03T12:00:00Z",
  },
});

/** Keeps what it is given, and answers when it is let. */
function createDb() {
  const written: { messages: readonly OutboxMessage[]; tallies: readonly Tally[] }[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  return {
    written,
    waiting,
    findSourceCodes: async () => ["feed"],
    accept: (
      messages: readonly OutboxMessage[],
      _quarantined: readonly QuarantinedSignal[] = [],
      tallies: readonly Tally[] = [],
    ) => {
      written.push({ messages, tallies });
      return new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    },
  };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

test("nothing is acknowledged before it is durable, and what comes meanwhile shares the next transaction", async () => {
  const db = createDb();
  const accept = createAcceptSignals({ db, limits: createSourceLimits(0) });
  const order: string[] = [];
  const first = accept("acme", [record("1")]).then(() => order.push("first"));
  await tick();
  const others = [2, 3, 4].map((n) => accept("acme", [record(String(n))]).then(() => order.push(String(n))));
  await tick();
  expect(order).toEqual([]);
  db.waiting[0]?.resolve();
  await first;
  await tick();
  expect(db.written.map(({ messages }) => messages.length)).toEqual([1, 3]);
  db.waiting[1]?.resolve();
  await Promise.all(others);
});

test("a transaction that fails is told to all whose records were in it, and to nobody else", async () => {
  const db = createDb();
  const accept = createAcceptSignals({ db, limits: createSourceLimits(0) });
  const first = accept("acme", [record("1")]);
  await tick();
  const second = accept("acme", [record("2")]);
  await tick();
  db.waiting[0]?.reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  await tick();
  db.waiting[1]?.resolve();
  expect(await second).toMatchObject([{ kind: "accepted" }]);
});

test("requests that come while the sources are looked up wait for them instead of being refused", async () => {
  const db = createDb();
  const accept = createAcceptSignals({ db, limits: createSourceLimits(0) });
  const answers = [1, 2, 3].map((n) => accept("acme", [record(String(n))]));
  await tick();
  await tick();
  for (let at = 0; at < 3; at += 1) {
    db.waiting[at]?.resolve();
    await tick();
  }
  expect((await Promise.all(answers)).flat().map(({ kind }) => kind)).toEqual([
    "accepted",
    "accepted",
    "accepted",
  ]);
});

test("what a source sends above its rate is capped and counted, and other sources are not kept out", async () => {
  const db = { ...createDb(), findSourceCodes: async () => ["feed", "other"] };
  const accept = createAcceptSignals({ db, limits: createSourceLimits(2, () => 0) });
  const flood = Array.from({ length: 6 }, (_, index) => record(String(index)));
  const answering = accept("acme", [...flood, record("9", "other")]);
  await tick();
  await tick();
  db.waiting[0]?.resolve();
  const results = await answering;
  expect(results.map((result) => (result.kind === "refused" ? result.reason : "accepted"))).toEqual([
    ...["accepted", "accepted", "accepted", "accepted"],
    ...["SOURCE_FLOODS", "SOURCE_FLOODS", "accepted"],
  ]);
  expect(db.written[0]?.tallies).toEqual([
    { tenant: "acme", sourceCode: "feed", outcome: "capped", reason: "SOURCE_FLOODS", count: 2 },
  ]);
});
