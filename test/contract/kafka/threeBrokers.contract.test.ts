import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import type { LogRecord } from "../../../subgraphs/shared/eventLog/eventLog.ts";
import { describeWhere } from "../../support/describeWhere.ts";
import { describeEventLog } from "../eventLog/describeEventLog.ts";
import { type KafkaUnderTest, startKafkaLog } from "../eventLog/kafkaLog.ts";

describeWhere("kafka", "three brokers", (libs) => {
  describeEventLog("Kafka, three brokers", () => startKafkaLog(libs, 3), brokersDie);
});

const numPartitions = 6;
const senders = 4;

function brokersDie(under: () => KafkaUnderTest): void {
  test("a topic has three replicas, two of them in sync at least", async () => {
    const topic = await newTopic(under(), "replicated");
    expect(await under().describeTopic(topic)).toEqual({ replicas: [3, 3, 3, 3, 3, 3], inSyncMin: "2" });
  });

  test("a broker killed while producing: all that was acknowledged is there once and in order", async () => {
    const topic = await newTopic(under(), "killed");
    const log = under().open();
    const heard: string[] = [];
    const consumer = await log.consume({
      groupId: "killed-readers",
      topics: [topic],
      from: "earliest",
      eachBatch: async ({ records }) => void heard.push(...records.map(text)),
    });
    const acknowledged: string[] = [];
    let stopped = false;
    const sending = Array.from({ length: senders }, async (_, sender) => {
      const producer = under().open().createProducer();
      for (let turn = 0; !stopped; turn += 1) {
        // Every batch goes to several partitions, and so to several brokers.
        const values = Array.from({ length: 12 }, (_, key) => `${sender}.${key}:${turn}`);
        await producer.send(
          topic,
          values.map((value) => ({ key: value.split(":")[0] ?? "", value })),
        );
        acknowledged.push(...values);
        await sleep(2);
      }
    });
    await until(() => acknowledged.length > 1_000);
    await under().kafka.kill(0);
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 2_000);
    stopped = true;
    await Promise.all(sending);

    const stored = await readAll(under(), topic);
    expect([...stored].sort()).toEqual([...acknowledged].sort());
    for (let sender = 0; sender < senders; sender += 1) {
      const turns = stored
        .filter((value) => value.startsWith(`${sender}.0:`))
        .map((value) => Number(value.split(":")[1]));
      expect(turns).toEqual(turns.map((_, index) => index));
    }
    await until(() => new Set(heard).size === acknowledged.length);
    await consumer.stop();
  }, 120_000);

  test("a broker that comes back takes part again", async () => {
    await under().kafka.restart(0);
    await under().kafka.kill(1);
    const topic = "killed";
    await under()
      .open()
      .createProducer()
      .send(topic, [{ key: "0.0", value: "afterwards" }]);
    expect(await readAll(under(), topic)).toContain("afterwards");
  }, 120_000);
}

async function newTopic(under: KafkaUnderTest, topic: string): Promise<string> {
  await under.open().createTopic(topic, { numPartitions });
  return topic;
}

async function readAll(under: KafkaUnderTest, topic: string): Promise<readonly string[]> {
  const log = under.open();
  const partitions = await log.listOffsets(topic);
  const found = await Promise.all(
    partitions.map(({ partition, low }) =>
      log.read({ topic, partition, offset: low, recordsMax: 1_000_000 }),
    ),
  );
  return found.flat().map(text);
}

function text({ value }: LogRecord): string {
  return String(value);
}

async function until(isTrue: () => boolean, timeoutMs = 60_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${timeoutMs} ms for ${isTrue}`);
    await sleep(20);
  }
}
