/** The local router: looks at the gateways and serves its decisions over HTTP and DNS. */
import { setTimeout as sleep } from "node:timers/promises";
import { failoverClock } from "../../subgraphs/regions/domain/failover/clock.ts";
import { localZone, regionPlaces } from "./places.ts";
import { serveDns } from "./serveDns.ts";
import { createRouter } from "./serveRouter.ts";
import { watchGateways } from "./watchGateways.ts";

export type RunningRouter = {
  readonly url: string;
  readonly dnsPort: number;
  readonly close: () => Promise<void>;
};

export type RouterSettings = {
  /** Base URL of each region's gateway. */
  readonly gateways: ReadonlyMap<string, string>;
  /** 0 lets the system choose. */
  readonly httpPort: number;
  readonly dnsPort: number;
};

const host = "127.0.0.1";

/** Resolves when it answers and has looked once. Rejects when a port is taken. */
export async function startRouter({ gateways, httpPort, dnsPort }: RouterSettings): Promise<RunningRouter> {
  const watch = watchGateways({ gateways, clock: failoverClock });
  await watch.look();
  const ttlS = failoverClock.answerLastsMs / 1_000;
  const urlOf = (region: string): string => {
    const url = gateways.get(region);
    if (url === undefined) throw new Error(`expected a gateway of ${region}`);
    return url;
  };
  const dns = await serveDns(
    {
      zone: localZone,
      places: regionPlaces,
      statusOf: watch.statusOf,
      addressOf: (region) => ({ address: host, port: Number(new URL(urlOf(region)).port) }),
      ttlS,
    },
    { host, port: dnsPort },
  );
  const app = createRouter({ places: regionPlaces, ...watch, urlOf, ttlS });
  const url = await app.listen({ host, port: httpPort });

  const stopping = new AbortController();
  const { signal } = stopping;
  const watching = repeat();
  return {
    url,
    dnsPort: dns.port,
    close: async () => {
      stopping.abort();
      await Promise.all([watching, app.close(), dns.close()]);
    },
  };

  /** Often enough that three misses in a row are no more than what witnesses take for theirs. */
  async function repeat(): Promise<void> {
    while (!signal.aborted) {
      await sleep(failoverClock.renewEveryMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await watch.look();
    }
  }
}
