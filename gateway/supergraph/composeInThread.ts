import { openWorker } from "../workers/openWorker.ts";
import type { Composition, KnownSubgraphs } from "./composeSupergraph.ts";
import type { ComposeReport, ComposeThreadData } from "./composeThread.ts";
import type { Environment } from "./parseComposeConfig.ts";
import { SupergraphError } from "./supergraphError.ts";

/** As `composeSupergraph`, which wide graphs keep busy for half a minute, while this thread goes on serving. */
export function composeInThread(
  configPath: string,
  environment: Environment = {},
  known: KnownSubgraphs = { told: {}, leftOut: [] },
): Promise<Composition> {
  const data: ComposeThreadData = { configPath, environment: { ...environment }, known };
  const worker = openWorker("thread", new URL("./composeThread", import.meta.url), data);
  return new Promise((resolve, reject) => {
    worker.onMessage((message) => {
      // `composeThread` sends nothing else.
      const report = message as ComposeReport;
      if (report.kind === "composed") resolve(report.composition);
      else reject(new SupergraphError(report.summary, report.faults));
    });
    // After a message this changes nothing.
    worker.onEnd((cause) =>
      reject(new SupergraphError(`${configPath}: composition ended without a result`, [], { cause })),
    );
  });
}
