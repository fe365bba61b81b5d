/** Asks each subgraph for `{ __typename }`, which every GraphQL server answers, and remembers the answers for a moment. */
import type { SubgraphTransport } from "../engine/engine.ts";
import { toAppError } from "../errors.ts";
import type { SubgraphCallContext } from "../stages/subgraphHeaders.ts";
import type { CircuitState } from "../transport/circuitBreaker.ts";

type Reachability = { readonly state: "up" } | { readonly state: "down"; readonly code: string };

export type SubgraphState = Reachability & { readonly circuit: CircuitState };

export type ProbeSubgraphs = () => Promise<Readonly<Record<string, SubgraphState>>>;

type Options = {
  readonly subgraphs: readonly string[];
  readonly transport: Pick<SubgraphTransport<SubgraphCallContext>, "request">;
  readonly circuitOf: (subgraph: string) => CircuitState;
  readonly createContext: () => SubgraphCallContext;
};

/** A probe that takes longer says as much as one that fails. */
const timeoutMs = 1_000;
/** However often the health page is asked, each subgraph is asked this seldom. */
const keptMs = 2_000;

export function createProbeSubgraphs({
  subgraphs,
  transport,
  circuitOf,
  createContext,
}: Options): ProbeSubgraphs {
  let kept: { readonly until: number; readonly states: ReturnType<ProbeSubgraphs> } | undefined;

  async function probe(subgraph: string): Promise<Reachability> {
    const call = {
      subgraph,
      operationKind: "query",
      query: "{ __typename }",
      operationName: undefined,
      variables: {},
      context: createContext(),
      signal: AbortSignal.timeout(timeoutMs),
    } as const;
    try {
      const { errors } = await transport.request(call);
      const code = errors?.[0]?.extensions?.code;
      return errors
        ? { state: "down", code: typeof code === "string" ? code : "SUBGRAPH_ERROR" }
        : { state: "up" };
    } catch (thrown) {
      return { state: "down", code: call.signal.aborted ? "SUBGRAPH_TIMEOUT" : toAppError(thrown).code };
    }
  }

  async function probeAll(): Promise<Readonly<Record<string, SubgraphState>>> {
    const states = await Promise.all(
      subgraphs.map(async (name) => {
        const state = await probe(name);
        return [name, { ...state, circuit: circuitOf(name) }] as const;
      }),
    );
    return Object.fromEntries(states);
  }

  return () => {
    if (!kept || kept.until < Date.now()) kept = { until: Date.now() + keptMs, states: probeAll() };
    return kept.states;
  };
}
