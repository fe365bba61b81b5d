/**
 * What every adapter of the EventLog port promises. A suite of an adapter is a call of this, on the real thing;
 * `moreCases` are those that need more than one node.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Batch, EventLog, LogRecord } from "../../../subgraphs/shared/eventLog/eventLog.ts";
import { partitionOf } from "../../../subgraphs/shared/eventLog/partitionOf.ts";
import type { LogUnderTest } from "./logUnderTest.ts";

export function describeEventLog<Under extends LogUnderTest>(
  name: string,
  start: () => Promise<Under>,
  moreCases: (under: () => Under) => void = () => undefined,
): void {
  describe(`EventLog on ${name}`, () => {
    let under: Under;
    let log: EventLog;

    beforeAll(async () => {
      under = await start();
      log = under.open();
    }, 90_000);
    afterAll(async () => {
      process.stderr.write(`EventLog on ${name}: ${cases} cases ran\n`);
      await under?.[Symbol.asyncDispose]();
    });
    let cases = 0;
    afterEach(() => {
      cases += 1;
    });

    describe("topics", () => {
      test("creating one twice changes nothing, also when two create it at once", async () => {
        const topic = newName();
        await Promise.all([3, 3, 3].map((numPartitions) => log.createTopic(topic, { numPartitions })));
        await log.createProducer().send(topic, [{ key: "a", value: "1" }]);
        await log.createTopic(topic, { numPartitions: 5 });
        const offsets = await log.listOffsets(topic);
        expect(offsets.map(({ partition }) => partition)).toEqual([0, 1, 2]);
        expect(offsets.filter(({ high }) => high === "1")).toHaveLength(1);
      });

      test("a name that no log accepts is refused", async () => {
        const create = async () => log.createTopic("no spaces", { numPartitions: 1 });
        await expect(create()).rejects.toMatchObject({ code: "INVALID_TOPIC_EXCEPTION" });
      });

      test("a topic that was never created is unknown to readers and senders", async () => {
        const unknown = { code: "UNKNOWN_TOPIC_OR_PARTITION" };
        const topic = newName();
        await expect(log.listOffsets(topic)).rejects.toMatchObject(unknown);
        await expect(log.createProducer().send(topic, [{ key: "a", value: "1" }])).rejects.toMatchObject(
          unknown,
        );
        const subscribing = log.subscribe({
          topics: [topic],
          from: "latest",
          onRecords: async () => undefined,
        });
        await expect(subscribing).rejects.toMatchObject(unknown);
      });
    });

    describe("sending", () => {
      test("a key has its partition: the one that Kafka's clients choose", async () => {
        const topic = await newTopic(7);
        const keys = ["21", "foobar", "eu|DE", "global|usgs-earthquakes"];
        const placed = await log.createProducer().send(
          topic,
          keys.map((key) => ({ key, value: key })),
        );
        const again = await log.createProducer().send(
          topic,
          keys.map((key) => ({ key, value: key })),
        );
        const expected = keys.map((key) => partitionOf(Buffer.from(key), 7));
        expect(placed.map(({ partition }) => partition)).toEqual(expected);
        expect(again.map(({ partition }) => partition)).toEqual(expected);
      });

      test("null and binary keys and values, empty ones and headers come back as they were", async () => {
        const topic = await newTopic(1);
        const bytes = Buffer.from([0, 255, 128, 10, 13, 0]);
        await log.createProducer().send(topic, [
          { key: null, value: bytes, headers: { type: "binary", ünïcode: "✓" } },
          { key: bytes, value: null },
          { key: "", value: "" },
        ]);
        expect((await readAll(topic)).map(({ key, value, headers }) => ({ key, value, headers }))).toEqual([
          { key: null, value: bytes, headers: { type: "binary", ünïcode: "✓" } },
          { key: bytes, value: null, headers: {} },
          { key: Buffer.alloc(0), value: Buffer.alloc(0), headers: {} },
        ]);
      });

      test("answers the place of each message in the order given, and messages of one partition ascend", async () => {
        const topic = await newTopic(3);
        const messages = Array.from({ length: 50 }, (_, index) => ({
          key: `k${index % 9}`,
          value: String(index),
        }));
        const placed = await log.createProducer().send(topic, messages);
        const values = new Map(
          (await readAll(topic)).map((one) => [`${one.partition}/${one.offset}`, text(one)]),
        );
        expect(placed.map(({ partition, offset }) => values.get(`${partition}/${offset}`))).toEqual(
          messages.map(({ value }) => value),
        );
      });

      test("order holds for each key while several send at once", async () => {
        const topic = await newTopic(4);
        const senders = Array.from({ length: 6 }, (_, sender) => ({
          sender,
          producer: under.open().createProducer(),
        }));
        await Promise.all(
          senders.map(async ({ sender, producer }) => {
            for (let turn = 0; turn < 20; turn += 1) {
              await producer.send(
                topic,
                ["a", "b"].map((key) => ({ key, value: `${sender}:${turn}` })),
              );
            }
          }),
        );
        const records = await readAll(topic);
        expect(records).toHaveLength(240);
        for (const key of ["a", "b"]) {
          for (const { sender } of senders) {
            const turns = records
              .filter((record) => String(record.key) === key && text(record).startsWith(`${sender}:`))
              .map((record) => Number(text(record).split(":")[1]));
            expect(turns).toEqual(Array.from({ length: 20 }, (_, turn) => turn));
          }
        }
      });

      test("what was acknowledged is there after every connection broke", async () => {
        const topic = await newTopic(1);
        await log.createProducer().send(topic, [{ key: "a", value: "kept" }]);
        await under.cutConnections();
        expect((await readAll(topic, under.open())).map(text)).toEqual(["kept"]);
      });

      test("connections that break while sending lose nothing and add nothing", async () => {
        const topic = await newTopic(2);
        const values = Array.from({ length: 200 }, (_, index) => String(index));
        const producer = under.open().createProducer();
        const cutting = repeatUntil(under.cutConnections, under.cutEveryMs);
        try {
          await Promise.all(
            [0, 1, 2, 3].map(async (part) => {
              for (const value of values.filter((_, index) => index % 4 === part)) {
                await producer.send(topic, [{ key: value, value }]);
              }
            }),
          );
        } finally {
          await cutting.stop();
        }
        expect((await readAll(topic, under.open())).map(text).sort()).toEqual([...values].sort());
      });

      test("a producer that sends again after a crash, even twice at once, is heard once", async () => {
        const topic = await newTopic(2);
        const messages = Array.from({ length: 40 }, (_, index) => ({
          key: `k${index % 5}`,
          value: String(index),
          sequence: String(1_000_000_000_000 + index),
        }));
        const producerId = randomUUID();
        const send = (part: typeof messages) => under.open().createProducer({ producerId }).send(topic, part);
        const first = await send(messages.slice(0, 15));
        const [whole, other] = await Promise.all([send(messages), send(messages.slice(5, 30))]);
        if (under.findsRepetitions) {
          expect(whole.slice(0, 15)).toEqual(first);
          expect(other).toEqual(whole.slice(5, 30));
        }
        const heard = await collect(topic, 40);
        expect(heard.map(text).sort()).toEqual(messages.map(({ value }) => value).sort());
      });

      test("a message beyond the limit is refused before anything is sent", async () => {
        const topic = await newTopic(1);
        const messages = [
          { key: "a", value: "small" },
          { key: "a", value: Buffer.alloc(1024 * 1024 + 1) },
        ];
        await expect(log.createProducer().send(topic, messages)).rejects.toMatchObject({
          code: "MESSAGE_TOO_LARGE",
        });
        expect(await readAll(topic)).toEqual([]);
      });
    });

    describe("reading", () => {
      test("an offset outside the partition is out of range, its end is not", async () => {
        const topic = await newTopic(1);
        await log.createProducer().send(topic, [{ key: "a", value: "1" }]);
        const at = (offset: string) => log.read({ topic, partition: 0, offset, recordsMax: 10 });
        expect(await at("1")).toEqual([]);
        await expect(at("2")).rejects.toMatchObject({ code: "OFFSET_OUT_OF_RANGE" });
        await expect(at("9223372036854775807")).rejects.toMatchObject({ code: "OFFSET_OUT_OF_RANGE" });
        const other = log.read({ topic, partition: 1, offset: "0", recordsMax: 1 });
        await expect(other).rejects.toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
      });

      test("earliest begins with what is kept, latest with what comes, an offset where it says", async () => {
        const topic = await newTopic(1);
        const producer = log.createProducer();
        await producer.send(
          topic,
          ["0", "1", "2"].map((value) => ({ key: "a", value })),
        );
        const heard = { earliest: [] as string[], latest: [] as string[], offset: [] as string[] };
        const listen = (
          into: string[],
          from: "earliest" | "latest" | [{ topic: string; partition: number; offset: string }],
        ) =>
          log.subscribe({
            topics: [topic],
            from,
            onRecords: async (records) => void into.push(...records.map(text)),
          });
        const subscriptions = [
          await listen(heard.earliest, "earliest"),
          await listen(heard.latest, "latest"),
          await listen(heard.offset, [{ topic, partition: 0, offset: "2" }]),
        ];
        await producer.send(topic, [{ key: "a", value: "3" }]);
        await until(() => Object.values(heard).every((values) => values.includes("3")));
        expect(heard).toEqual({ earliest: ["0", "1", "2", "3"], latest: ["3"], offset: ["2", "3"] });
        await Promise.all(subscriptions.map(({ close }) => close()));
        await producer.send(topic, [{ key: "a", value: "4" }]);
        await sleep(100);
        expect(heard.latest).toEqual(["3"]);
      });

      test("a subscriber that fails gets the same records again, then goes on", async () => {
        const topic = await newTopic(1);
        const heard: string[] = [];
        const failures: unknown[] = [];
        const subscription = await log.subscribe({
          topics: [topic],
          from: "earliest",
          onRecords: async (records) => {
            heard.push(...records.map(text));
            if (heard.length === 1) throw new Error("not yet");
          },
          onRetry: (error) => failures.push(error),
        });
        await log.createProducer().send(topic, [{ key: "a", value: "1" }]);
        await until(() => heard.length === 2);
        expect(heard).toEqual(["1", "1"]);
        expect(failures).toEqual([new Error("not yet")]);
        await subscription.close();
      });

      test("a subscriber hears everything although its connections break", async () => {
        const topic = await newTopic(2);
        const heard: string[] = [];
        const reader = under.open();
        await reader.subscribe({
          topics: [topic],
          from: "latest",
          onRecords: async (records) => void heard.push(...records.map(text)),
        });
        const cutting = repeatUntil(under.cutConnections, 2 * under.cutEveryMs);
        const producer = under.open().createProducer();
        const values = Array.from({ length: 60 }, (_, index) => String(index));
        try {
          for (const value of values) await producer.send(topic, [{ key: value, value }]);
        } finally {
          await cutting.stop();
        }
        await until(() => heard.length >= values.length);
        expect([...heard].sort()).toEqual([...values].sort());
      });

      test("retention moves a slow reader to what is kept, and a place that is gone is out of range", async () => {
        const topic = newName();
        await log.createTopic(topic, { numPartitions: 1, retentionMs: 3_600_000 });
        const producer = log.createProducer();
        await producer.send(
          topic,
          ["0", "1", "2"].map((value) => ({ key: "a", value })),
        );
        await under.expireRecords(topic);
        const placed = await producer.send(topic, [{ key: "a", value: "3" }]);
        expect(placed).toEqual([{ partition: 0, offset: "3" }]);
        expect((await collect(topic, 1)).map(text)).toEqual(["3"]);
        const gone = log.read({ topic, partition: 0, offset: "1", recordsMax: 1 });
        await expect(gone).rejects.toMatchObject({ code: "OFFSET_OUT_OF_RANGE" });
        expect(await log.listOffsets(topic)).toEqual([{ partition: 0, low: "3", high: "4" }]);
      });
    });

    describe("groups", () => {
      test("two groups read apart, and the members of one share", async () => {
        const topic = await newTopic(4);
        const values = Array.from({ length: 80 }, (_, index) => String(index));
        await log.createProducer().send(
          topic,
          values.map((value) => ({ key: value, value })),
        );
        const shared: string[] = [];
        const alone: string[] = [];
        const group = newName();
        const consumers = [
          await consume(topic, group, async ({ records }) => void shared.push(...records.map(text))),
          await consume(topic, group, async ({ records }) => void shared.push(...records.map(text))),
          await consume(topic, newName(), async ({ records }) => void alone.push(...records.map(text))),
        ];
        await until(() => shared.length >= 80 && alone.length >= 80);
        expect([...shared].sort()).toEqual([...values].sort());
        expect([...alone].sort()).toEqual([...values].sort());
        await Promise.all(consumers.map(({ stop }) => stop()));
      });

      test("a group goes on where it stopped", async () => {
        const topic = await newTopic(1);
        const group = newName();
        const producer = log.createProducer();
        const heard: string[] = [];
        const eachBatch = async ({ records }: Batch) => void heard.push(...records.map(text));
        await producer.send(topic, [{ key: "a", value: "1" }]);
        const first = await consume(topic, group, eachBatch);
        await until(() => heard.length === 1);
        await first.stop();
        await producer.send(topic, [{ key: "a", value: "2" }]);
        const second = await consume(topic, group, eachBatch);
        await until(() => heard.length === 2);
        expect(heard).toEqual(["1", "2"]);
        await second.stop();
      });

      test("a group that begins with the latest hears all that comes after it joined, and nothing before", async () => {
        const topic = await newTopic(1);
        const producer = log.createProducer();
        await producer.send(topic, [{ key: "a", value: "before" }]);
        const heard: string[] = [];
        const consumer = await under.open().consume({
          groupId: newName(),
          topics: [topic],
          from: "latest",
          eachBatch: async ({ records }) => void heard.push(...records.map(text)),
        });
        // Long enough that it has looked for the end more than once.
        await sleep(1_500);
        for (const value of ["1", "2", "3"]) await producer.send(topic, [{ key: "a", value }]);
        await until(() => heard.length >= 3);
        expect(heard).toEqual(["1", "2", "3"]);
        await consumer.stop();
      });

      test("a batch that fails commits what it resolved, and the rest comes again", async () => {
        const topic = await newTopic(1);
        const group = newName();
        await log.createProducer().send(
          topic,
          ["0", "1", "2", "3"].map((value) => ({ key: "a", value })),
        );
        const batches: string[][] = [];
        const consumer = await consume(topic, group, async ({ records, resolveOffset }) => {
          batches.push(records.map(text));
          if (batches.length > 1) return;
          resolveOffset("1");
          throw new Error("2 is too much");
        });
        await until(() => batches.length === 2);
        expect(batches).toEqual([
          ["0", "1", "2", "3"],
          ["2", "3"],
        ]);
        await consumer.stop();
        expect(await log.listLag(group, topic)).toEqual([{ partition: 0, committed: "4", lag: "0" }]);
      });

      test("a partition that fails does not keep the others waiting", async () => {
        const topic = await newTopic(2);
        const [poisoned, other] = [keyOf(0, 2), keyOf(1, 2)];
        await log.createProducer().send(topic, [
          { key: poisoned, value: "poison" },
          { key: other, value: "fine" },
        ]);
        const heard: string[] = [];
        const consumer = await consume(topic, newName(), async ({ records }) => {
          if (records.some((record) => text(record) === "poison")) throw new Error("poison");
          heard.push(...records.map(text));
        });
        await until(() => heard.includes("fine"));
        await consumer.stop();
      });

      test("a partition has one owner while members come and go, and every record is worked on", async () => {
        const topic = await newTopic(6);
        const group = newName();
        const busy = new Set<number>();
        const overlaps: number[] = [];
        const done = new Set<string>();
        const eachBatch = async ({ partition, records }: Batch) => {
          if (busy.has(partition)) overlaps.push(partition);
          busy.add(partition);
          await sleep(5);
          for (const record of records) done.add(text(record));
          busy.delete(partition);
        };
        const producer = log.createProducer();
        let sent = 0;
        const sending = repeatUntil(async () => {
          const messages = Array.from({ length: 12 }, () => String(sent++)).map((value) => ({
            key: value,
            value,
          }));
          await producer.send(topic, messages);
        }, 10);
        const first = await consume(topic, group, eachBatch);
        await sleep(300);
        const second = await consume(topic, group, eachBatch);
        const third = await consume(topic, group, eachBatch);
        await until(() => [first, second, third].every((one) => one.assignment().length === 2));
        await second.stop();
        await until(() => [first, third].every((one) => one.assignment().length === 3));
        await first.stop();
        await until(() => third.assignment().length === 6);
        await sending.stop();
        await until(() => done.size === sent);
        expect(overlaps).toEqual([]);
        await third.stop();
      });

      test("a member that was given up cannot commit over its successor", async () => {
        const topic = await newTopic(1);
        const group = newName();
        await log.createProducer().send(topic, [{ key: "a", value: "1" }]);
        const errors: unknown[] = [];
        let release = (): void => undefined;
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        let taken = false;
        const stale = await under.open().consume({
          groupId: group,
          topics: [topic],
          from: "earliest",
          sessionTimeoutMs: 60_000,
          eachBatch: async () => {
            taken = true;
            await gate;
          },
          onRetry: (error) => errors.push(error),
        });
        await until(() => taken);
        await under.expelMembers(group);
        const heard: string[] = [];
        const successor = await consume(
          topic,
          group,
          async ({ records }) => void heard.push(...records.map(text)),
        );
        await until(() => heard.length === 1);
        await log.createProducer().send(topic, [{ key: "a", value: "2" }]);
        await until(() => heard.length === 2);
        release();
        await until(() => errors.length > 0);
        expect(errors[0]).toMatchObject({ code: "ILLEGAL_GENERATION" });
        expect((await log.listLag(group, topic))[0]?.committed).toBe("2");
        await Promise.all([stale.stop(), successor.stop()]);
      });

      test("seek goes back, and a place out of range becomes the earliest", async () => {
        const topic = await newTopic(1);
        const heard: string[] = [];
        await log.createProducer().send(
          topic,
          ["0", "1", "2"].map((value) => ({ key: "a", value })),
        );
        const consumer = await consume(
          topic,
          newName(),
          async ({ records }) => void heard.push(...records.map(text)),
        );
        await until(() => heard.length === 3);
        consumer.seek({ topic, partition: 0, offset: "1" });
        await until(() => heard.length === 5);
        consumer.seek({ topic, partition: 0, offset: "99" });
        await until(() => heard.length === 8);
        expect(heard).toEqual(["0", "1", "2", "1", "2", "0", "1", "2"]);
        await consumer.stop();
      });

      test("a group that never committed lags by all that is kept", async () => {
        const topic = await newTopic(1);
        await log.createProducer().send(
          topic,
          ["0", "1"].map((value) => ({ key: "a", value })),
        );
        expect(await log.listLag(newName(), topic)).toEqual([{ partition: 0, committed: null, lag: "2" }]);
      });
    });

    test("what is asked of a closed log is refused", async () => {
      const topic = await newTopic(1);
      const closed = under.open();
      await closed.close();
      await expect(closed.listOffsets(topic)).rejects.toMatchObject({ code: "CLOSED" });
    });

    moreCases(() => under);

    async function newTopic(numPartitions: number): Promise<string> {
      const topic = newName();
      await log.createTopic(topic, { numPartitions });
      return topic;
    }

    function consume(topic: string, groupId: string, eachBatch: (batch: Batch) => Promise<void>) {
      return under.open().consume({ groupId, topics: [topic], from: "earliest", eachBatch });
    }

    /** Everything that is kept, partition by partition. */
    async function readAll(topic: string, reader = log): Promise<readonly LogRecord[]> {
      const partitions = await reader.listOffsets(topic);
      const reads = partitions.map(({ partition, low }) =>
        reader.read({ topic, partition, offset: low, recordsMax: 10_000 }),
      );
      return (await Promise.all(reads)).flat();
    }

    /** What a subscriber hears from the earliest on, until it was silent for a while after `count` records. */
    async function collect(topic: string, count: number): Promise<readonly LogRecord[]> {
      const heard: LogRecord[] = [];
      const subscription = await log.subscribe({
        topics: [topic],
        from: "earliest",
        onRecords: async (records) => void heard.push(...records),
      });
      await until(() => heard.length >= count);
      await sleep(100);
      await subscription.close();
      return heard;
    }
  });
}

function newName(): string {
  return `suite.${randomUUID()}`;
}

function text({ value }: LogRecord): string {
  return String(value);
}

/** A key of the partition. */
function keyOf(partition: number, numPartitions: number): string {
  const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
  const key = keys.find((one) => partitionOf(Buffer.from(one), numPartitions) === partition);
  if (key === undefined) throw new Error(`no key of 100 belongs to partition ${partition}`);
  return key;
}

async function until(isTrue: () => boolean, timeoutMs = 25_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${timeoutMs} ms for ${isTrue}`);
    await sleep(10);
  }
}

function repeatUntil(work: () => Promise<void>, pauseMs: number): { readonly stop: () => Promise<void> } {
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await work();
      await sleep(pauseMs);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}
