/**
 * Shadow mode: a bundle that is followed as the one in force is, asked the same, and only counted. Nothing that goes wrong
 * with it reaches a request or keeps a gateway from starting; it is told in health, metrics, log and graph.
 */
import type { RecordDecisions } from "../../../policies/runtime/decision.ts";
import type { BundleTrust } from "../../../policies/runtime/readBundle.ts";
import type { SourceProblem } from "../../http/health.ts";
import { describeCause, type Log } from "../../observability/log.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { type Source, watchSource } from "../../watchSource.ts";
import type { PackedBundle } from "../createPolicySource.ts";
import {
  createShadowCounts,
  type ShadowCounts,
  type ShadowDifference,
  type ShadowResult,
} from "./countDecisions.ts";
import { type Candidate, openCandidate } from "./openCandidate.ts";

export type ShadowStatus = {
  /** What is asked; null while there is none that could be. */
  readonly bundle: { readonly digest: string; readonly revision: string } | null;
  /** Since when it counts, in milliseconds since 1970. */
  readonly since: number;
  readonly problem: SourceProblem | undefined;
  readonly results: Readonly<Record<ShadowResult, number>>;
  readonly differences: readonly ShadowDifference[];
};

export type FollowedShadow = {
  readonly record: RecordDecisions;
  readonly status: () => ShadowStatus;
  readonly close: () => Promise<void>;
};

type Options = {
  readonly source: Source<PackedBundle>;
  readonly trust: BundleTrust;
  readonly pollMs: number;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "shadowDecided" | "shadowRead">;
};

type Asked = { readonly candidate: Candidate; readonly counts: ShadowCounts; readonly since: number };

const nothing: ShadowStatus["results"] = { same: 0, stricter: 0, looser: 0, other: 0, failed: 0, skipped: 0 };

export function followShadow({ source, trust, pollMs, log, metrics }: Options): FollowedShadow {
  const startedAt = Date.now();
  let asked: Asked | undefined;
  let problem: SourceProblem | undefined;

  function tell(found: unknown): void {
    const text = found instanceof Error ? found.message : String(found);
    problem = { since: new Date().toISOString(), text };
    metrics.shadowRead("refused");
    log.warn({ cause: describeCause(found), revision: asked?.candidate.revision }, "shadow policies refused");
  }

  async function takeUp({ packed }: PackedBundle): Promise<void> {
    const candidate = await openCandidate(packed, trust);
    const { revision, digest } = candidate;
    const counts = createShadowCounts({
      candidate,
      onDecided: metrics.shadowDecided,
      onDifferent: ({ operation: { name } }, differences) =>
        log.info(
          {
            revision,
            operation: name,
            coordinates: differences.slice(0, 5).map(({ coordinate }) => coordinate),
          },
          "the shadow decides otherwise",
        ),
      onEnded: tell,
    });
    const before = asked;
    asked = { candidate, counts, since: Date.now() };
    problem = undefined;
    metrics.shadowRead("swapped");
    log.info({ revision, digest }, "shadow policies loaded");
    await before?.candidate.end();
  }

  const watch = watchSource({
    source,
    // None yet: what is there now is looked at first.
    current: { id: "" },
    pollMs,
    onChanged: takeUp,
    onProblem: (found) => {
      if (!found) problem = undefined;
      else if (isAbsent(found)) log.info({ revision: asked?.candidate.revision }, "no shadow policies there");
      else tell(found);
    },
  });
  void watch.look();

  return {
    record: (decisions) => asked?.counts.record(decisions),
    status: () => ({
      bundle: asked ? { digest: asked.candidate.digest, revision: asked.candidate.revision } : null,
      since: asked?.since ?? startedAt,
      problem,
      results: asked?.counts.results() ?? nothing,
      differences: asked?.counts.differences() ?? [],
    }),
    close: async () => {
      await watch.close();
      await asked?.candidate.end();
    },
  };
}

/** A place where one may be put later, as a local region has it. */
function isAbsent({ cause }: Error): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
