/** A cluster of real Kafka nodes on this machine, for tests and measurements. Everything goes when it is disposed of. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { brokerProperties, type NodePorts } from "./brokerProperties.ts";

export type ClusterSettings = {
  /** Folder of the jars (kafka.mjs). */
  readonly libs: string;
  /** One for each node. */
  readonly ports: readonly NodePorts[];
};

export type Cluster = AsyncDisposable & {
  /** `host:port` of each node as clients are told it. */
  readonly brokers: readonly string[];
  /** SIGKILL: nothing is flushed, nobody is told. */
  readonly kill: (node: number) => Promise<void>;
  /** A node that was killed comes back with what it had on its disk. */
  readonly restart: (node: number) => Promise<void>;
};

/** Small heaps and a quick start: these brokers carry a test, not a company. */
const javaOptions = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

const readyMsMax = 60_000;

/** Resolves when all nodes answer. */
export async function startCluster({ libs, ports }: ClusterSettings): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-kafka-"));
  const clusterId = randomBytes(16).toString("base64url");
  const voters = ports.map(({ controller }, nodeId) => ({ nodeId, controller }));
  const nodes: Node[] = [];
  const brokers = ports.map(({ advertised }) => `127.0.0.1:${advertised}`);
  try {
    for (const [nodeId, own] of ports.entries()) {
      const home = join(folder, String(nodeId));
      const properties = join(home, "server.properties");
      await mkdir(home, { recursive: true });
      await writeFile(properties, brokerProperties({ nodeId, ports: own, voters, folder: home }));
      nodes.push({ libs, home, properties, process: undefined, output: [] });
    }
    await Promise.all(nodes.map((node) => format(node, clusterId)));
    for (const node of nodes) start(node);
    await untilReady(brokers, nodes);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    brokers,
    kill: async (node) => {
      await end(nodes[node], "SIGKILL");
    },
    restart: async (node) => {
      const stopped = nodes[node];
      if (stopped?.process === undefined) start(getNode(stopped));
      await untilReady(brokers, nodes);
    },
    [Symbol.asyncDispose]: dispose,
  };

  async function dispose(): Promise<void> {
    // Nothing of it is wanted any more, so nothing need be flushed.
    await Promise.all(nodes.map((node) => end(node, "SIGKILL")));
    await rm(folder, { recursive: true, force: true });
  }
}

type Node = {
  readonly libs: string;
  readonly home: string;
  readonly properties: string;
  process: ChildProcess | undefined;
  readonly output: string[];
};

function java({ libs, home }: Node, options: readonly string[], args: readonly string[]): ChildProcess {
  return spawn("java", [...options, "-cp", join(libs, "*"), ...args], {
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function format(node: Node, clusterId: string): Promise<void> {
  const tool = java(node, javaOptions, [
    "kafka.tools.StorageTool",
    "format",
    "-t",
    clusterId,
    "-c",
    node.properties,
  ]);
  const said = collect(tool, []);
  const code = await new Promise((resolve, reject) => tool.once("close", resolve).once("error", reject));
  if (code !== 0)
    throw new Error(`Kafka's storage cannot be formatted (exit code ${code}):\n${said.join("")}`);
}

function start(node: Node): void {
  const running = java(
    node,
    [...javaOptions, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"],
    ["kafka.Kafka", node.properties],
  );
  collect(running, node.output);
  node.process = running;
  running.once("exit", () => {
    if (node.process === running) node.process = undefined;
  });
}

async function end(node: Node | undefined, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const running = node?.process;
  if (running === undefined || running.exitCode !== null) return;
  const ended = new Promise((resolve) => running.once("exit", resolve));
  running.kill(signal);
  await ended;
}

/** An open port is no readiness: a topic must be creatable and all brokers known. */
async function untilReady(brokers: readonly string[], nodes: readonly Node[]): Promise<void> {
  const kafka = new Kafka({
    clientId: "atlas-readiness",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { retries: 0 },
  });
  for (const giveUpAt = Date.now() + readyMsMax; ; await sleep(100)) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const known = await admin.describeCluster();
      const alive = nodes.filter(({ process }) => process !== undefined).length;
      if (known.brokers.length >= alive) {
        await admin.createTopics({
          topics: [{ topic: "atlas-readiness", numPartitions: 1, replicationFactor: Math.min(3, alive) }],
        });
        return;
      }
    } catch (error) {
      if (Date.now() > giveUpAt) {
        const said = nodes.map(({ output }) => output.slice(-20).join("")).join("\n---\n");
        throw new Error(`Kafka was not ready after ${readyMsMax} ms:\n${said}`, { cause: error });
      }
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    if (Date.now() > giveUpAt) throw new Error(`Kafka's nodes did not find each other in ${readyMsMax} ms.`);
  }
}

function collect(child: ChildProcess, into: string[]): readonly string[] {
  const keep = (chunk: Buffer): void => {
    into.push(chunk.toString());
    if (into.length > 200) into.shift();
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return into;
}

function getNode(node: Node | undefined): Node {
  if (node === undefined) throw new Error("expected the number of a node of this cluster");
  return node;
}
