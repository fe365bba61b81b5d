/** Asks the graph over HTTP in the caller's own name. */
import { z } from "zod";
import type { Ask } from "./graph.ts";

const answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** Long enough for the weights of a large model over a slow line. */
const timeoutMs = 60_000;

/** `readToken` is asked each time, so that a token may be exchanged while the trainer runs. */
export function createAskOverHttp(url: string, readToken: () => Promise<string>): Ask {
  return async (query, variables) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await readToken()}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data, errors } = answer.parse(await response.json());
    if (errors?.[0]) throw new Error(`the graph answers status ${response.status}: ${errors[0].message}`);
    return data;
  };
}
