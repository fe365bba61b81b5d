import { openWorker } from "../workers/openWorker.ts";
import type { ReadSupergraph } from "./readSupergraph.ts";
import type { ReadReport, ReadThreadData } from "./readThread.ts";
import { SupergraphError } from "./supergraphError.ts";

/** As `readSupergraph`, which takes seconds for wide graphs, while this thread goes on serving. */
export function readInThread(sdl: string, source: string): Promise<ReadSupergraph> {
  const data: ReadThreadData = { sdl, source };
  const worker = openWorker("thread", new URL("./readThread", import.meta.url), data);
  return new Promise((resolve, reject) => {
    worker.onMessage((message) => {
      // `readThread` sends nothing else.
      const report = message as ReadReport;
      if (report.kind === "read") resolve(report.supergraph);
      else reject(new SupergraphError(report.summary, report.faults));
    });
    // After a message this changes nothing.
    worker.onEnd((cause) =>
      reject(new SupergraphError(`${source}: reading ended without a result`, [], { cause })),
    );
  });
}
