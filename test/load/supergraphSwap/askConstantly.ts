/** Clients that ask one query after the other until they are told to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import { postGraphql } from "../../support/postGraphql.ts";

export type Asked = { readonly durationsMs: readonly number[]; readonly faults: readonly string[] };

const queries = ["{ books { title stars } }", "{ book(isbn: 2) { stars } }", "{ slow(ms: 30) }"];

/** Returns how to stop them. */
export function askConstantly(url: string, clients: number, pauseMs: number): () => Promise<Asked> {
  const durationsMs: number[] = [];
  const faults: string[] = [];
  let isOver = false;
  const ask = async (query: string) => {
    const startedAt = performance.now();
    try {
      const { status, errors = [] } = await postGraphql(url, { query });
      // A denial is an answer; whether it is the right one is for those who change the rules to say.
      const failed = errors.some(({ extensions }) => extensions?.code !== "UNAUTHORIZED_FIELD_OR_TYPE");
      if (status !== 200 || failed) faults.push(JSON.stringify({ status, errors }));
    } catch (thrown) {
      faults.push(String(thrown));
    }
    durationsMs.push(performance.now() - startedAt);
  };
  const running = Promise.all(
    Array.from({ length: clients }, async (_, at) => {
      while (!isOver) {
        await ask(queries[at % queries.length] ?? "");
        await sleep(pauseMs);
      }
    }),
  );
  return async () => {
    isOver = true;
    await running;
    return { durationsMs, faults };
  };
}
