/** Runs on a thread of its own: composes once, reports, ends. */
import { parentPort, workerData } from "node:worker_threads";
import { yieldToServing } from "../threads/yieldToServing.ts";
import { type Composition, composeSupergraph } from "./composeSupergraph.ts";
import type { Environment } from "./parseComposeConfig.ts";
import { SupergraphError } from "./supergraphError.ts";

/** What the thread is started with. */
export type ComposeThreadData = { readonly configPath: string; readonly environment: Environment };

export type ComposeReport =
  | { readonly kind: "composed"; readonly composition: Composition }
  | { readonly kind: "refused"; readonly summary: string; readonly faults: readonly string[] };

yieldToServing();
// Only `composeInThread` starts this module, with data of this form.
const { configPath, environment } = workerData as ComposeThreadData;
parentPort?.postMessage(await report());

async function report(): Promise<ComposeReport> {
  try {
    return { kind: "composed", composition: await composeSupergraph(configPath, environment) };
  } catch (thrown) {
    if (!(thrown instanceof SupergraphError)) throw thrown;
    return { kind: "refused", summary: thrown.summary, faults: thrown.faults };
  }
}
