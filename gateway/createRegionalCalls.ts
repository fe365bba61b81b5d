/** Wires the way to subgraphs where there are several regions: what is known of them, calls of each, and who is asked. */
import type { GatewayConfig } from "./config.ts";
import type { SubgraphTransport } from "./engine/engine.ts";
import { followRegions, regionsQuery } from "./routing/followRegions.ts";
import type { Place } from "./routing/rankRegions.ts";
import { createRouteCalls } from "./routing/routeCalls.ts";
import type { CallSubgraph } from "./stages/callSubgraph.ts";
import type { SubgraphCallContext } from "./stages/subgraphHeaders.ts";

export type RegionalCalls = Required<SubgraphTransport<SubgraphCallContext>> & {
  readonly close: () => Promise<void>;
};

export type RegionalOptions = {
  readonly config: Pick<GatewayConfig, "region" | "regions">;
  /** Calls the subgraphs of this region. */
  readonly local: CallSubgraph;
  /** Calls those at these URLs; `region` is for people. */
  readonly callAt: (endpoints: ReadonlyMap<string, string>, region: string) => CallSubgraph;
  /** Of the gateway itself, for what it asks on its own behalf. */
  readonly createContext: () => SubgraphCallContext;
};

/** Owns the regions and says who sees whom. */
const regionsSubgraph = "regions";
const followEveryMs = 5_000;

export function createRegionalCalls({
  config,
  local,
  callAt,
  createContext,
}: RegionalOptions): RegionalCalls {
  const { region: here, regions: all } = config;
  if (all.kind === "off") return { ...local, close: async () => undefined };
  const others = new Map(
    all.regions
      .filter(({ region }) => region !== here)
      .map(({ region, subgraphs }) => [region, callAt(subgraphs, region)] as const),
  );
  const known = followRegions({
    here,
    everyMs: followEveryMs,
    ask: (signal) =>
      local.request({
        subgraph: regionsSubgraph,
        operationKind: "query",
        query: regionsQuery,
        operationName: "Regions",
        variables: {},
        context: createContext(),
        signal,
      }),
  });
  const calls = createRouteCalls<SubgraphCallContext>({
    local,
    callsOf: (region) => {
      const found = others.get(region);
      if (found === undefined) throw new Error(`expected calls of ${region}`);
      return found;
    },
    places: () =>
      all.regions.map(
        ({ region, holds }): Place => ({
          region,
          holds,
          status: known.statusOf(region),
          isHere: region === here,
          latencyMs: known.latencyOf(region),
        }),
      ),
    filtersOf: ({ filters }) => filters,
  });
  return {
    ...calls,
    close: async () => {
      await Promise.all([known.close(), ...[...others.values()].map((other) => other.close())]);
    },
  };
}
