/** From one policy bundle to the next while requests come in: tried on a thread beside the old one, then swapped. */
import { openPolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { assertLater } from "../../policies/runtime/revision.ts";
import type { PoliciesConfig } from "../config.ts";
import type { PolicyHealth } from "../http/health.ts";
import { describeCause, type Log } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { type Source, type SourceWatch, watchSource } from "../watchSource.ts";
import type { PackedBundle } from "./createPolicySource.ts";
import { createLastGoodBundle } from "./lastGoodBundle.ts";
import type { LivePolicies } from "./livePolicies.ts";
import { tryBundle } from "./tryBundle.ts";

type Options = {
  readonly config: Extract<PoliciesConfig, { kind: "on" }>;
  readonly source: Source<PackedBundle>;
  readonly live: LivePolicies;
  readonly log: Log;
  readonly metrics: Metrics;
};

export type FollowedPolicies = Pick<SourceWatch, "close"> & { readonly health: () => PolicyHealth };

export function followPolicies({ config, source, live, log, metrics }: Options): FollowedPolicies {
  const { trust, cacheFolder, pollMs } = config;
  const lastGood = cacheFolder === undefined ? undefined : createLastGoodBundle(cacheFolder);
  let problem: PolicyHealth["problem"];
  metrics.policiesServed(live.current().revision);

  async function takeOver({ packed }: PackedBundle): Promise<void> {
    const startedAt = performance.now();
    const files = await tryBundle(packed, trust);
    if (trust.kind === "signed") assertLater(files, live.current());
    const next = await openPolicyBundle(files);
    live.assertFits(next);
    await lastGood?.keep(packed);
    live.swap(next);
    metrics.policiesRead("swapped");
    metrics.policiesServed(next.revision);
    const { digest, revision } = next;
    log.info({ digest, revision, durationMs: Math.round(performance.now() - startedAt) }, "policies swapped");
  }

  const watch = watchSource({
    source,
    current: { id: live.current().digest },
    pollMs,
    onChanged: takeOver,
    onProblem: (found) => {
      problem = found && { since: new Date().toISOString(), text: found.message };
      const { revision } = live.current();
      if (!found) return log.info({ revision }, "policies good again");
      metrics.policiesRead("refused");
      return log.error({ cause: describeCause(found), revision }, "policies refused");
    },
  });
  return {
    close: watch.close,
    health: () => {
      const { digest, revision } = live.current();
      return { digest, revision, problem };
    },
  };
}
