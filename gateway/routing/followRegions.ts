/** Keeps up with how regions are: asks this region's own graph, which knows what all witnesses saw and what the primary judged. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SubgraphAnswer } from "../engine/engine.ts";
import type { RegionStatus } from "./rankRegions.ts";

export type KnownRegions = {
  /** A region that nothing is known of counts as serving: a call that fails tells more than a guess. */
  readonly statusOf: (region: string) => RegionStatus;
  /** Of this region's last probe; null when it is not known. */
  readonly latencyOf: (region: string) => number | null;
  readonly close: () => Promise<void>;
};

export type FollowOptions = {
  /** This region. */
  readonly here: string;
  /** Answers `regionsQuery`. */
  readonly ask: (signal: AbortSignal) => Promise<SubgraphAnswer>;
  readonly everyMs: number;
};

export const regionsQuery =
  "query Regions { regions { code status sightings { witness { code } latencyMs } } }";

export function followRegions({ here, ask, everyMs }: FollowOptions): KnownRegions {
  const stopping = new AbortController();
  const { signal } = stopping;
  let known: ReadonlyMap<string, Known> = new Map();
  const following = follow();
  return {
    statusOf: (region) => known.get(region)?.status ?? "SERVING",
    latencyOf: (region) => known.get(region)?.latencyMs ?? null,
    close: async () => {
      stopping.abort();
      await following;
    },
  };

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      // While the subgraph does not answer, what it said last holds; who calls it learns of it by itself.
      const answer = await ask(signal).catch(() => undefined);
      const read = readRegions(answer?.data?.regions, here);
      if (read.size > 0) known = read;
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

type Known = { readonly status: RegionStatus; readonly latencyMs: number | null };

const statuses: readonly RegionStatus[] = ["SERVING", "DRAINING", "DOWN", "RETURNING"];

/** Leaves out what it cannot read. */
function readRegions(regions: unknown, here: string): ReadonlyMap<string, Known> {
  const read = new Map<string, Known>();
  for (const region of Array.isArray(regions) ? regions : []) {
    if (!isRecord(region) || typeof region.code !== "string") continue;
    const status = statuses.find((one) => one === region.status);
    if (status === undefined) continue;
    const sightings = Array.isArray(region.sightings) ? region.sightings.filter(isRecord) : [];
    const ours = sightings.find(({ witness }) => isRecord(witness) && witness.code === here);
    read.set(region.code, { status, latencyMs: typeof ours?.latencyMs === "number" ? ours.latencyMs : null });
  }
  return read;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
