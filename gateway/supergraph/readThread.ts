/** Runs on a thread of its own: reads once, reports, ends. */
import { connectToOpener } from "../workers/connectToOpener.ts";
import { yieldToServing } from "../workers/yieldToServing.ts";
import { type ReadSupergraph, readSupergraph } from "./readSupergraph.ts";
import { SupergraphError } from "./supergraphError.ts";

/** What the thread is started with. */
export type ReadThreadData = { readonly sdl: string; readonly source: string };

export type ReadReport =
  | { readonly kind: "read"; readonly supergraph: ReadSupergraph }
  | { readonly kind: "refused"; readonly summary: string; readonly faults: readonly string[] };

yieldToServing();
const opener = await connectToOpener();
// Only `readInThread` opens this module.
const { sdl, source } = opener.data as ReadThreadData;
opener.post(report());

function report(): ReadReport {
  try {
    return { kind: "read", supergraph: readSupergraph(sdl, source) };
  } catch (thrown) {
    if (!(thrown instanceof SupergraphError)) throw thrown;
    return { kind: "refused", summary: thrown.summary, faults: thrown.faults };
  }
}
