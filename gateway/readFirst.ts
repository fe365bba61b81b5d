/** The supergraph to start with. Where there is none because subgraphs are not there yet, they are waited for. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "./observability/log.ts";
import type { SupergraphSource } from "./supergraph/createSupergraphSource.ts";
import type { Supergraph } from "./supergraph/supergraph.ts";

const firstWaitMs = 500;
const waitMsMax = 10_000;

/** Rejects at once with what waiting does not mend, and after `waitMs` with whatever is in the way then. */
export async function readFirst(
  source: SupergraphSource,
  waitMs: number,
  log: Pick<Log, "warn">,
): Promise<Supergraph> {
  const deadline = performance.now() + waitMs;
  for (let pauseMs = firstWaitMs; ; pauseMs = Math.min(pauseMs * 2, waitMsMax)) {
    try {
      const supergraph = await source.read();
      for (const { name, servedBy } of source.absent())
        log.warn({ subgraph: name, servedBy }, "subgraph did not tell its schema");
      return supergraph;
    } catch (thrown) {
      const names = source.absent().map(({ name }) => name);
      if (names.length === 0 || performance.now() + pauseMs > deadline) throw thrown;
      log.warn({ subgraphs: names, pauseMs }, "waiting for subgraphs");
      // Half of it is chance, so that gateways which start together do not ask together.
      await sleep(pauseMs * (0.5 + Math.random() / 2));
    }
  }
}
