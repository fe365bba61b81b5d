/**
 * `npm run chaos:ingest -- --log postgres|kafka [--rate 300]`: SIGKILL of whatever a signal passes, one after the other,
 * while signals come. Exit code 1 when an acknowledged one is lost or seen twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { compareIds } from "./compareIds.ts";
import { sendSignals } from "./sendSignals.ts";
import { type IngestRegion, startIngestRegion } from "./startIngestRegion.ts";

const { values } = parseArgs({
  options: { rate: { type: "string", default: "300" }, log: { type: "string", default: "postgres" } },
});
const log = values.log === "kafka" ? "kafka" : "postgres";
const sources = ["load-a", "load-b"];

/** Load between two kills: a group rebalances, a backlog drains. */
const calmMs = 10_000;
/** What was killed is back within this time, and the load ends after it in any case. */
const backMsMax = 120_000;

const region = await startIngestRegion({ log, sources, twice: true });
try {
  const victims = [
    { name: "consumer", kill: () => region.killAndRestart(otherThan(relayOf(region))) },
    { name: "relay", kill: () => region.killAndRestart(relayOf(region)) },
    { name: "gateway", kill: () => region.killAndRestart("gateway") },
    ...(region.kafka ? [{ name: "broker", kill: async () => restartBroker(region) }] : []),
    { name: "database", kill: () => region.killAndRestart("postgres") },
  ];
  const sending = sendSignals({
    url: region.url,
    token: region.token,
    rate: Number(values.rate),
    // It lasts as long as the kills do, which a busy machine decides.
    seconds: (victims.length + 1) * ((calmMs + backMsMax) / 1_000),
    batch: 10,
    sources,
  });
  for (const { name, kill } of victims) {
    await sleep(calmMs);
    const before = sending.counts.acknowledged;
    const startedAt = performance.now();
    await kill();
    while (sending.counts.acknowledged === before) {
      if (performance.now() - startedAt > backMsMax) {
        throw new Error(
          `expected acknowledgements ${backMsMax / 1_000} s after ${name} was killed; got none`,
        );
      }
      await sleep(20);
    }
    console.log(
      `killed ${name} after ${before} acknowledgements; acknowledging again ${Math.round(performance.now() - startedAt)} ms later`,
    );
  }
  await sleep(calmMs);
  sending.stop();
  await sending.done;
  const verdict = await compareIds(region.adminUrl, sources, sending.sentAt, 60_000);
  console.log(
    `log ${log}: acknowledged ${verdict.acknowledged}, queryable ${verdict.queryable}, lost ${verdict.lost}, duplicates ${verdict.duplicates}, parked ${verdict.parked}, requests sent again ${sending.counts.repeated}, longest ingest-to-query ${Math.round(verdict.maxMs)} ms`,
  );
  if (verdict.lost > 0 || verdict.duplicates > 0) process.exitCode = 1;
} finally {
  await region[Symbol.asyncDispose]();
}

type Worker = "intelligence" | "intelligence-2";

/** The process that took the turn last and is still there. */
function relayOf({ processes }: IngestRegion): Worker {
  const tookTurn = (name: Worker): boolean =>
    processes()[name]?.log.some((line) => line.includes("relay took its turn")) ?? false;
  return tookTurn("intelligence") ? "intelligence" : "intelligence-2";
}

function otherThan(name: Worker): Worker {
  return name === "intelligence" ? "intelligence-2" : "intelligence";
}

async function restartBroker({ kafka }: IngestRegion): Promise<void> {
  await kafka?.kill(0);
  await kafka?.restart(0);
}
