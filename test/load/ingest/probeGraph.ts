/** Asks the graph for signals just acknowledged until it answers: the time as a client sees it. */
import { setTimeout as sleep } from "node:timers/promises";
import { postGraphql } from "../../support/postGraphql.ts";

export type Probing = { readonly stop: () => Promise<readonly number[]> };

export function probeGraph(url: string, token: string, newest: () => string | undefined): Probing {
  const tookMs: number[] = [];
  let stopped = false;
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return tookMs.sort((one, other) => one - other);
    },
  };

  async function run(): Promise<void> {
    let last: string | undefined;
    while (!stopped) {
      await sleep(250);
      const id = newest();
      if (id === undefined || id === last) continue;
      last = id;
      const startedAt = performance.now();
      while (!stopped && !(await isThere(id))) await sleep(10);
      tookMs.push(performance.now() - startedAt);
    }
  }

  async function isThere(id: string): Promise<boolean> {
    const query = "query ($id: ID!) { signal(id: $id) { id } }";
    const { data } = await postGraphql<{ signal: object | null }>(
      `${url}/graphql`,
      { query, variables: { id } },
      { authorization: `Bearer ${token}` },
    ).catch(() => ({ data: null }));
    return data?.signal != null;
  }
}
