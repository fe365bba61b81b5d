/** One look at another region, as a client has it: its gateway takes requests, and a query reaches its database and back. */
import { z } from "zod";
import type { ProbeOutcome } from "../domain/failover/countProbe.ts";

/** Everybody may ask this, and only the database can answer it. */
const query = "query Probe { regions { code } }";
const answer = z.object({ data: z.object({ regions: z.array(z.object({ code: z.string() })).min(1) }) });

/** `gateway` is the region's base URL. Both requests together have `timeoutMs`. */
export async function probeRegion(gateway: string, timeoutMs: number): Promise<ProbeOutcome> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // 503 while it stops: it answers those whom it has and wants no more.
    const ready = await fetch(new URL("/health/ready", gateway), { signal });
    await ready.body?.cancel();
    if (!ready.ok) return missed(`its gateway answered ${ready.status}`);
    const response = await fetch(new URL("/graphql", gateway), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
      signal,
    });
    if (!answer.safeParse(await response.json()).success) return missed("its database does not answer");
    return { kind: "good", latencyMs: Math.round(performance.now() - startedAt) };
  } catch {
    return missed(signal.aborted ? `no answer within ${timeoutMs} ms` : "its gateway cannot be reached");
  }
}

function missed(failure: string): ProbeOutcome {
  return { kind: "missed", failure };
}
