/** One client of a Kafka cluster from a URL, and the retries that all of the adapter shares. */
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";

export type ClusterOptions = {
  /** `kafka://host:port,host:port`; `kafkas://` speaks TLS. A user and password in it are for SCRAM-SHA-512. */
  readonly url: string;
  readonly clientId: string;
  /** Told of what kafkajs reports as errors, which it retries. */
  readonly onFault?: ((error: unknown) => void) | undefined;
};

export function openCluster({ url, clientId, onFault }: ClusterOptions): Kafka {
  return new Kafka({
    ...parseKafkaUrl(url),
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 5_000,
    retry: kafkaRetry,
    logLevel: logLevel.ERROR,
    logCreator:
      () =>
      ({ log: { message } }) =>
        onFault?.(new Error(`kafkajs: ${message}`)),
  });
}

/** About half a minute, as long as the other adapter retries: a broker that dies is replaced in some nine seconds. */
export const kafkaRetry = { initialRetryTime: 50, maxRetryTime: 1_000, retries: 34 };

/** Throws a TypeError that names what was expected, without the URL, which may hold a password. */
export function parseKafkaUrl(url: string): Pick<KafkaConfig, "brokers" | "ssl" | "sasl"> {
  // URL would refuse the list of hosts.
  const [, secure, user, password, hosts = ""] =
    /^kafka(s)?:\/\/(?:([^:@/]+):([^@/]+)@)?([^@/?#]+)\/?$/.exec(url) ?? [];
  const brokers = hosts.split(",");
  if (!brokers.every((broker) => /^(\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(broker))) {
    throw new TypeError("expected kafka://host:port,host:port or kafkas://user:password@host:port,…");
  }
  const sasl =
    user === undefined || password === undefined
      ? {}
      : {
          sasl: {
            mechanism: "scram-sha-512" as const,
            username: decodeURIComponent(user),
            password: decodeURIComponent(password),
          },
        };
  return { brokers, ssl: secure === "s", ...sasl };
}
