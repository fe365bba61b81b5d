import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from "kafkajs";
import type { EventLog } from "../../../subgraphs/shared/eventLog/eventLog.ts";
import { openKafkaEventLog } from "../../../subgraphs/shared/eventLog/kafkaEventLog.ts";
import { startKafka, type TestKafka } from "../../support/startKafka.ts";
import type { LogUnderTest } from "./logUnderTest.ts";

export type KafkaUnderTest = LogUnderTest & {
  readonly kafka: TestKafka;
  readonly describeTopic: (topic: string) => Promise<{
    /** How many each partition has. */
    readonly replicas: readonly number[];
    readonly inSyncMin: string | undefined;
  }>;
};

export async function startKafkaLog(libs: string, nodes: number): Promise<KafkaUnderTest> {
  const kafka = await startKafka(libs, nodes);
  const opened: EventLog[] = [];
  const open = (): EventLog => {
    const log = openKafkaEventLog({ url: kafka.url, applicationName: "event-log-suite" });
    opened.push(log);
    return log;
  };
  const client = new Kafka({
    clientId: "event-log-suite-admin",
    brokers: [...kafka.brokers],
    logLevel: logLevel.NOTHING,
  });
  const admin = client.admin();
  await admin.connect();
  return {
    kafka,
    open,
    describeTopic: async (topic) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ["min.insync.replicas"] }],
      });
      return {
        replicas: topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length)),
        inSyncMin: resources[0]?.configEntries[0]?.configValue,
      };
    },
    // A client that reconnects asks for versions, metadata and its producer's number before it sends.
    cutEveryMs: 150,
    findsRepetitions: false,
    cutConnections: async () => kafka.cutConnections(),
    expelMembers: async (groupId) => {
      const { groups } = await admin.describeGroups([groupId]);
      const left = groups.flatMap(({ members }) =>
        members.map(({ memberId }) => leaveGroup(kafka.brokers, groupId, memberId)),
      );
      await Promise.all(left);
    },
    expireRecords: async (topic) => {
      const log = open();
      await setRetention(admin, topic, 1);
      const isKept = async () => (await log.listOffsets(topic)).some(({ low, high }) => low !== high);
      while (await isKept()) await sleep(20);
      await setRetention(admin, topic, 3_600_000);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((log) => log.close()));
      await admin.disconnect();
      await kafka[Symbol.asyncDispose]();
    },
  };
}

async function setRetention(admin: Admin, topic: string, retentionMs: number): Promise<void> {
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configEntries: [{ name: "retention.ms", value: String(retentionMs) }],
      },
    ],
  });
}

/**
 * Says in a member's name that it leaves, which kafkajs has no call for. To every broker, since only the group's
 * coordinator listens (https://kafka.apache.org/protocol.html#The_Messages_LeaveGroup, version 0).
 */
async function leaveGroup(brokers: readonly string[], groupId: string, memberId: string): Promise<void> {
  const body = Buffer.concat([
    int16(13), // LeaveGroup
    int16(0), // version
    Buffer.from([0, 0, 0, 1]), // correlation id
    int16(-1), // no client id
    text(groupId),
    text(memberId),
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  const codes = await Promise.all(brokers.map((broker) => exchange(broker, Buffer.concat([size, body]))));
  if (!codes.includes(0)) throw new Error(`no broker let ${memberId} go: error codes ${codes.join(", ")}`);
}

/** The error code of the answer: after its size and the correlation id. */
function exchange(broker: string, frame: Buffer): Promise<number> {
  const [host = "", port] = broker.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    socket.once("error", reject);
    socket.once("data", (answer) => {
      socket.destroy();
      resolve(answer.readInt16BE(8));
    });
    socket.write(frame);
  });
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
