/** From one supergraph to the next while requests come in: made ready beside the old one, then swapped. */
import { setTimeout as sleep } from "node:timers/promises";
import { createServing, type Serving, type ServingOptions } from "./createServing.ts";
import type { SupergraphHealth } from "./http/health.ts";
import type { LiveRunner } from "./liveRunner.ts";
import { describeCause } from "./observability/log.ts";
import type { SupergraphSource } from "./supergraph/createSupergraphSource.ts";
import type { Supergraph } from "./supergraph/supergraph.ts";
import { type SourceWatch, watchSource } from "./watchSource.ts";

type Options = ServingOptions & { readonly source: SupergraphSource; readonly live: LiveRunner };

export type FollowedSupergraph = Pick<SourceWatch, "close"> & { readonly health: () => SupergraphHealth };

/** As many of the most used operations are planned before the new supergraph takes over… */
const warmedMax = 200;
/** …or as many as there is time for. */
const warmingMs = 30_000;

export function followSupergraph({ source, live, ...options }: Options): FollowedSupergraph {
  const { config, log, metrics } = options;
  let problem: SupergraphHealth["problem"];

  async function takeOver(supergraph: Supergraph): Promise<void> {
    const startedAt = performance.now();
    const next = await createServing(supergraph, options);
    const warmed = await warmUp(live.current(), next);
    live.swap(next);
    const durationMs = Math.round(performance.now() - startedAt);
    metrics.supergraphRead("swapped");
    log.info({ supergraphId: supergraph.id, warmed, durationMs }, "supergraph swapped");
  }

  const watch = watchSource({
    source,
    current: live.current().supergraph,
    pollMs: config.supergraphPollMs,
    onChanged: takeOver,
    onProblem: (found) => {
      problem = found && { since: new Date().toISOString(), text: firstLine(found.message) };
      if (!found) return log.info({ supergraphId: live.current().supergraph.id }, "supergraph good again");
      metrics.supergraphRead("refused");
      return log.error({ cause: describeCause(found) }, "supergraph refused");
    },
  });
  return {
    close: watch.close,
    health: () => ({
      id: live.current().supergraph.id,
      problem,
      absent: source.absent().map(({ name, servedBy }) => ({ name, servedBy })),
    }),
  };
}

async function warmUp(old: Serving, next: Serving): Promise<number> {
  const operations = old.engine.mostUsed(warmedMax);
  const deadline = sleep(warmingMs, undefined, { ref: false });
  await Promise.race([next.engine.warmUp(operations), deadline]);
  return operations.length;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
