/**
 * What the router knows of the regions: its own look at each gateway, and what the regions say of each other. A region that the
 * router itself cannot reach is out as soon as it has missed so often as witnesses must; one that the primary has judged is
 * out or in by that word, which any region that answers tells.
 */
import { z } from "zod";
import type { RegionStatus } from "../../gateway/routing/rankRegions.ts";
import type { FailoverClock } from "../../subgraphs/regions/domain/failover/clock.ts";
import { countProbe, type Sighting } from "../../subgraphs/regions/domain/failover/countProbe.ts";

export type GatewayWatch = {
  readonly look: () => Promise<void>;
  readonly statusOf: (region: string) => RegionStatus;
  readonly sightings: () => readonly Sighting[];
};

export type WatchOptions = {
  /** Base URL of each region's gateway. */
  readonly gateways: ReadonlyMap<string, string>;
  readonly clock: Pick<FailoverClock, "probeTimeoutMs" | "missesUntilDown" | "sightingLastsMs">;
  readonly now?: () => Date;
};

const query = "query Router { regions { code role status } }";
const told = z.object({
  data: z.object({
    regions: z
      .array(
        z.object({
          code: z.string(),
          status: z.enum(["SERVING", "DRAINING", "DOWN", "RETURNING"]),
          role: z.string(),
        }),
      )
      .min(1),
  }),
});
type Word = z.infer<typeof told>["data"]["regions"][number];

type Said = { readonly region: string; readonly words: readonly Word[] };

function isPrimary({ region, words }: Said): boolean {
  return words.some(({ code, role }) => code === region && role === "PRIMARY");
}

export function watchGateways({ gateways, clock, now = () => new Date() }: WatchOptions): GatewayWatch {
  const seen = new Map<string, Sighting>();
  let words: ReadonlyMap<string, Word> = new Map();
  return {
    look: async () => {
      const answers = await Promise.all([...gateways].map(([region, url]) => lookAt(region, url)));
      // The primary's own word first: that of the others may be a moment older.
      const [newest] = answers
        .filter(({ words }) => words.length > 0)
        .sort((a, b) => Number(isPrimary(b)) - Number(isPrimary(a)));
      // Where nobody answers, what they said last still holds.
      if (newest !== undefined) words = new Map(newest.words.map((word) => [word.code, word]));
    },
    statusOf: (region) => {
      if ((seen.get(region)?.misses ?? 0) >= clock.missesUntilDown) return "DOWN";
      return words.get(region)?.status ?? "SERVING";
    },
    sightings: () => [...seen.values()],
  };

  async function lookAt(region: string, url: string): Promise<Said> {
    const startedAt = performance.now();
    const who = { witness: "router", target: region };
    const words = await ask(url).catch(() => null);
    const outcome =
      words === null
        ? ({ kind: "missed", failure: "its gateway does not answer" } as const)
        : ({ kind: "good", latencyMs: Math.round(performance.now() - startedAt) } as const);
    seen.set(region, countProbe(who, seen.get(region), outcome, now(), clock.sightingLastsMs));
    return { region, words: words ?? [] };
  }

  async function ask(url: string): Promise<readonly Word[]> {
    const response = await fetch(new URL("/graphql", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(clock.probeTimeoutMs),
    });
    return told.parse(await response.json()).data.regions;
  }
}
