/** Asks a gateway one operation of a mix after the other, and checks every answer against one graphql-js execution. */
import { isDeepStrictEqual } from "node:util";
import type { Pool } from "undici";
import { type Scenario, scenarios } from "../../bench/gateway/operations.ts";
import { readParts } from "../../bench/gateway/readParts.ts";
import { answerAsMonolith } from "../../bench/gateway/shopGraph.ts";

/** Of a hundred requests: most are small, some large, and some are new, so that caches fill and are emptied. */
const mix: Readonly<Record<string, number>> = { small: 60, heavy: 30, deferred: 5, cold: 4, large: 1 };

/** What was wrong with the answer; undefined when it was right. */
export type Ask = () => Promise<string | undefined>;

export async function createAsk(pool: Pool, path: string): Promise<Ask> {
  const chosen = await Promise.all(
    Object.keys(mix).map(async (name) => {
      const scenario = scenarios.find((one) => one.name === name);
      if (!scenario) throw new Error(`expected a scenario of the benchmark; got ${name}`);
      return { scenario, expected: await answerAsMonolith(scenario.operation(0)), right: [] };
    }),
  );
  const hundred = chosen.flatMap((one) =>
    Array.from({ length: mix[one.scenario.name] ?? 0 }, (_, at) => ({ one, place: (at * 61) % 100 })),
  );
  const order = hundred.sort((a, b) => a.place - b.place).map(({ one }) => one);
  let sent = 0;
  return async () => {
    const index = sent++;
    const kind = order[index % order.length];
    if (!kind) throw new Error("an empty mix");
    try {
      const { statusCode, headers, body } = await pool.request({
        path,
        method: "POST",
        headers: {
          "content-type": "application/json",
          // Another caller each time: nobody's work is shared.
          authorization: `Bearer soak-${index}`,
          ...(kind.scenario.isDeferred ? { accept: "multipart/mixed;deferSpec=20220824" } : {}),
        },
        body: JSON.stringify({ query: kind.scenario.operation(index) }),
      });
      const bytes = Buffer.from(await body.arrayBuffer());
      if (statusCode === 200 && isRight(kind, bytes, String(headers["content-type"]))) return undefined;
      return `${kind.scenario.name}: ${statusCode} ${bytes.toString("utf8", 0, 300)}`;
    } catch (thrown) {
      return `${kind.scenario.name}: ${thrown}`;
    }
  };
}

type Kind = { readonly scenario: Scenario; readonly expected: string; readonly right: Buffer[] };

/** What was found right is known again: comparing bytes costs the clients next to nothing. */
function isRight({ scenario, expected, right }: Kind, bytes: Buffer, contentType: string): boolean {
  if (right.some((known) => known.equals(bytes))) return true;
  const text = bytes.toString();
  if (scenario.isDeferred) {
    const { data, errors, parts } = readParts(contentType, text);
    if (parts === 0 || errors.length > 0 || !isDeepStrictEqual(data, JSON.parse(expected))) return false;
  } else {
    const { data, errors }: { data: unknown; errors?: unknown } = JSON.parse(
      text.replace(/"a\d+":/g, '"a":'),
    );
    if (errors !== undefined || JSON.stringify(data) !== expected) return false;
  }
  // Parts come in some orders; a new operation's answer comes never again.
  if (right.length < 10 && scenario.name !== "cold") right.push(bytes);
  return true;
}
