/** Runs on a thread of its own: composes once, reports, ends. */
import { connectToOpener } from "../workers/connectToOpener.ts";
import { yieldToServing } from "../workers/yieldToServing.ts";
import { type Composition, composeSupergraph, type KnownSubgraphs } from "./composeSupergraph.ts";
import type { Environment } from "./parseComposeConfig.ts";
import { SupergraphError } from "./supergraphError.ts";

/** What the thread is started with. */
export type ComposeThreadData = {
  readonly configPath: string;
  readonly environment: Environment;
  readonly known: KnownSubgraphs;
};

export type ComposeReport =
  | { readonly kind: "composed"; readonly composition: Composition }
  | { readonly kind: "refused"; readonly summary: string; readonly faults: readonly string[] };

yieldToServing();
const opener = await connectToOpener();
// Only `composeInThread` opens this module.
const { configPath, environment, known } = opener.data as ComposeThreadData;
opener.post(await report());

async function report(): Promise<ComposeReport> {
  try {
    return { kind: "composed", composition: await composeSupergraph(configPath, environment, known) };
  } catch (thrown) {
    if (!(thrown instanceof SupergraphError)) throw thrown;
    return { kind: "refused", summary: thrown.summary, faults: thrown.faults };
  }
}
