/** A Kafka cluster of a test's own, behind proxies that can break its connections. */
import type { NodePorts } from "../../infra/kafka/brokerProperties.ts";
import { type Cluster, startCluster } from "../../infra/kafka/startCluster.ts";
import { createDisposer } from "./createDisposer.ts";
import { findPort } from "./startPart.ts";
import { startProxy, type TcpProxy } from "./startProxy.ts";

export type TestKafka = Cluster & {
  /** For `EVENT_LOG_URL`. */
  readonly url: string;
  /** Breaks every connection between clients and brokers. */
  readonly cutConnections: () => void;
};

/** `libs` is what `describeWhere("kafka", …)` gives. */
export async function startKafka(libs: string, nodes: number): Promise<TestKafka> {
  const disposer = createDisposer();
  try {
    const proxies: TcpProxy[] = [];
    const ports: NodePorts[] = [];
    for (let node = 0; node < nodes; node += 1) {
      const client = await findPort();
      const proxy = disposer.use(await startProxy(0, client));
      proxies.push(proxy);
      ports.push({
        client,
        advertised: proxy.port,
        internal: await findPort(),
        controller: await findPort(),
      });
    }
    const cluster = disposer.use(await startCluster({ libs, ports }));
    return {
      ...cluster,
      kill: async (node) => {
        await cluster.kill(node);
        await proxies[node]?.refuse();
      },
      restart: async (node) => {
        await proxies[node]?.accept();
        await cluster.restart(node);
      },
      url: `kafka://${cluster.brokers.join(",")}`,
      cutConnections: () => {
        for (const proxy of proxies) proxy.cut();
      },
      [Symbol.asyncDispose]: () => disposer[Symbol.asyncDispose](),
    };
  } catch (error) {
    await disposer[Symbol.asyncDispose]();
    throw error;
  }
}
