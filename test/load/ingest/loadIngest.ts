/** `npm run load:ingest -- --rate 2000 --seconds 600 --log postgres|kafka [--batch 50] [--statements]`: see README.md. */
import { parseArgs } from "node:util";
import { compareIds, quantile } from "./compareIds.ts";
import { listStatements } from "./listStatements.ts";
import { probeGraph } from "./probeGraph.ts";
import { sendSignals } from "./sendSignals.ts";
import { startIngestRegion } from "./startIngestRegion.ts";
import { watchProcesses } from "./watchProcesses.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "2000" },
    seconds: { type: "string", default: "600" },
    batch: { type: "string", default: "50" },
    log: { type: "string", default: "postgres" },
    statements: { type: "boolean", default: false },
  },
});
const log = values.log === "kafka" ? "kafka" : "postgres";
const [rate, seconds, batch] = [Number(values.rate), Number(values.seconds), Number(values.batch)];
const sources = ["load-a", "load-b", "load-c", "load-d"];
const p99MsMax = 5_000;

const region = await startIngestRegion({ log, sources, countStatements: values.statements });
try {
  const watched = watchProcesses(
    () => ({
      ...Object.fromEntries(Object.entries(region.processes()).map(([name, { pid }]) => [name, pid])),
      sender: process.pid,
    }),
    { postgres: await region.findPostmaster() },
  );
  const startedAt = performance.now();
  const sending = sendSignals({ url: region.url, token: region.token, rate, seconds, batch, sources });
  const probing = probeGraph(region.url, region.token, sending.newest);
  const progress = setInterval(() => console.error(`acknowledged ${sending.counts.acknowledged}`), 10_000);
  await sending.done;
  clearInterval(progress);
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  const probes = await probing.stop();
  const verdict = await compareIds(region.adminUrl, sources, sending.sentAt);
  const usage = watched.stop();
  const acceptMs = [...sending.acceptMs].sort((one, other) => one - other);
  console.log(
    [
      `log ${log}, asked ${rate}/s for ${seconds} s in requests of ${batch}`,
      `sent in ${tookSeconds.toFixed(1)} s: ${Math.round(verdict.acknowledged / tookSeconds)}/s acknowledged`,
      `acknowledged ${verdict.acknowledged}, queryable ${verdict.queryable}, lost ${verdict.lost}, duplicates ${verdict.duplicates}, parked ${verdict.parked}, refused ${sending.counts.refused}, requests sent again ${sending.counts.repeated}, of them busy ${sending.counts.busy}`,
      `request to acknowledgement: p50 ${quantile(acceptMs, 0.5)} ms, p99 ${quantile(acceptMs, 0.99)} ms`,
      `ingest-to-query: p50 ${verdict.p50Ms} ms, p99 ${verdict.p99Ms} ms, longest ${Math.round(verdict.maxMs)} ms`,
      `the graph answered ${probes.length} probes: p50 ${quantile(probes, 0.5)} ms, p99 ${quantile(probes, 0.99)} ms after the acknowledgement`,
      ...usage.map(
        ({ name, cpuSeconds, earlyMib, lateMib, mostMib }) =>
          `${name}: ${cpuSeconds} CPU s, resident ${earlyMib} MiB early, ${lateMib} MiB late, ${mostMib} MiB at most`,
      ),
    ].join("\n"),
  );
  if (values.statements) console.log((await listStatements(region.adminUrl)).join("\n"));
  if (verdict.lost > 0 || verdict.duplicates > 0 || verdict.p99Ms >= p99MsMax) process.exitCode = 1;
} finally {
  await region[Symbol.asyncDispose]();
}
