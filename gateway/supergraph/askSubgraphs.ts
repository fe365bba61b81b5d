/** The SDL of every subgraph of a `supergraph.yaml`, of those too that do not answer now, as far as it is known. */
import type { SubgraphConfig } from "./parseComposeConfig.ts";
import { readSubgraphSdl } from "./readSubgraphSdl.ts";
import type { SdlMemory } from "./sdlMemory.ts";

/** A running subgraph that was to tell its SDL and did not. */
export type AbsentSubgraph = {
  readonly name: string;
  readonly reason: string;
  /** What the graph has of it: what it told last, or nothing. */
  readonly servedBy: "last known schema" | "nothing";
};

export type AskedSubgraphs = {
  /** Equal when there is nothing new. */
  readonly state: readonly unknown[];
  /** Of running subgraphs, by name: what they told, now or before. */
  readonly told: Readonly<Record<string, string>>;
  readonly absent: readonly AbsentSubgraph[];
};

export async function askSubgraphs(
  subgraphs: readonly SubgraphConfig[],
  source: string,
  memory: SdlMemory,
): Promise<AskedSubgraphs> {
  const told: Record<string, string> = {};
  const absent: AbsentSubgraph[] = [];
  const state = await Promise.all(
    subgraphs.map(async ({ name, schema }) => {
      try {
        const { sdl } = await readSubgraphSdl(schema, source);
        if (schema.kind === "url") {
          told[name] = sdl;
          await memory.keep(name, schema.url, sdl);
        }
        return sdl;
      } catch (thrown) {
        // A fault in a file is for composition to tell, with all others; here it only counts as a state of that part.
        if (schema.kind !== "url") return String(thrown);
        const recalled = await memory.recall(name, schema.url);
        if (recalled !== undefined) told[name] = recalled;
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        absent.push({ name, reason, servedBy: recalled === undefined ? "nothing" : "last known schema" });
        return recalled ?? null;
      }
    }),
  );
  absent.sort((one, other) => (one.name < other.name ? -1 : 1));
  return { state, told, absent };
}
