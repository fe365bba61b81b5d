/** The `server.properties` of one KRaft node that is broker and controller, on loopback (https://kafka.apache.org/documentation/#brokerconfigs). */
export type BrokerSettings = {
  readonly nodeId: number;
  readonly ports: NodePorts;
  /** All nodes of the cluster, this one included. */
  readonly voters: readonly { readonly nodeId: number; readonly controller: number }[];
  readonly folder: string;
};

export type NodePorts = {
  /** Where the broker listens for clients. */
  readonly client: number;
  /** Where clients are told that it listens: a proxy of a test, or the same. */
  readonly advertised: number;
  /** Where the other brokers reach it. */
  readonly internal: number;
  readonly controller: number;
};

export function brokerProperties({ nodeId, ports, voters, folder }: BrokerSettings): string {
  const replicas = Math.min(3, voters.length);
  const properties: Readonly<Record<string, string | number>> = {
    "process.roles": "broker,controller",
    "node.id": nodeId,
    "controller.quorum.voters": voters
      .map((voter) => `${voter.nodeId}@127.0.0.1:${voter.controller}`)
      .join(","),
    listeners: [
      `CLIENT://127.0.0.1:${ports.client}`,
      `INTERNAL://127.0.0.1:${ports.internal}`,
      `CONTROLLER://127.0.0.1:${ports.controller}`,
    ].join(","),
    "advertised.listeners": [
      `CLIENT://127.0.0.1:${ports.advertised}`,
      `INTERNAL://127.0.0.1:${ports.internal}`,
    ].join(","),
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "INTERNAL",
    "log.dirs": `${folder}/data`,
    // Topics are made on purpose, with the replicas that they need.
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": replicas,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": Math.min(2, replicas),
    "transaction.state.log.num.partitions": 2,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": Math.min(2, replicas),
    "group.initial.rebalance.delay.ms": 0,
    // A node that dies is replaced in three seconds rather than nine.
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3_000,
    // Retention is looked at often, and in small segments, so that a test sees it.
    "log.initial.task.delay.ms": 100,
    "log.retention.check.interval.ms": 200,
    "log.segment.delete.delay.ms": 100,
    "num.network.threads": 2,
    "num.io.threads": 2,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
