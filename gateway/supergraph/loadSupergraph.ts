import { createSupergraphSource, type SourceOptions } from "./createSupergraphSource.ts";
import type { Supergraph } from "./supergraph.ts";

/** Reads a supergraph once, for those who do not follow its changes. Throws a SupergraphError. */
export function loadSupergraph(source: string, options: SourceOptions = {}): Promise<Supergraph> {
  return createSupergraphSource(source, options).read();
}
