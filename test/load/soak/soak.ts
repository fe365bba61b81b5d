/**
 * `npm run soak -- [--seconds 600] [--load 0.8]`: what a request costs the built gateway, then as many a second as take that part
 * of a core, for so long. Ends with 1 on a wrong answer, or when memory grows. Linux with two cores.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { checkout } from "../../../infra/local/paths.ts";
import { startGateway } from "../../bench/gateway/gateways.ts";
import { readCpuSeconds } from "../../bench/gateway/processCost.ts";
import { loadCore, startShop, writeSupergraph } from "../../bench/gateway/shopGraph.ts";
import { readMemory } from "../../bench/gateway/watchMemory.ts";
import { type Ask, createAsk } from "./createAsk.ts";
import { judgeMemory } from "./judgeMemory.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "600" }, load: { type: "string", default: "0.8" } },
});
const [seconds, load] = [Number(values.seconds), Number(values.load)];
if (!(seconds >= 8 && load > 0 && load <= 1))
  throw new Error("expected --seconds of at least 8 and --load of more than 0, at most 1");

const gatewayPort = 5_240;
const shopPort = 5_241;
const warmUpMs = 10_000;
const measureMs = 10_000;
/** Clients that wait for an answer before they ask again, until it is known what a request costs. */
const clients = 32;
/** Requests under way at most: what comes on top is held back, as by clients that wait. */
const underWayMax = 256;
const sampleEveryMs = 1_000;

execFileSync("taskset", ["-cp", loadCore, String(process.pid)], { stdio: "ignore" });
const folder = join(checkout, ".atlas/soak");
mkdirSync(folder, { recursive: true });
const supergraph = writeSupergraph(folder, shopPort);
const stopShop = await startShop(shopPort);
const gateway = await startGateway("atlas", { supergraph, peersFolder: folder, port: gatewayPort });
const pool = new Pool(new URL(gateway.url).origin, { connections: underWayMax, pipelining: 1 });
try {
  const ask = await createAsk(pool, new URL(gateway.url).pathname);
  await askInTurn(ask, warmUpMs);
  const before = readCpuSeconds(gateway.pid);
  const answered = await askInTurn(ask, measureMs);
  const cost = (readCpuSeconds(gateway.pid) - before) / answered;
  const perSecond = load / cost;
  process.stdout.write(`${(cost * 1_000).toFixed(2)} CPU ms a request: ${perSecond.toFixed(0)} a second\n`);
  const result = await askSteadily(ask, perSecond);
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  process.exitCode = result.wrong === 0 && result.memory.isFlat ? 0 : 1;
} finally {
  await pool.destroy();
  await gateway.stop();
  stopShop();
}

/** How many were answered. */
async function askInTurn(ask: Ask, forMs: number): Promise<number> {
  const end = performance.now() + forMs;
  let answered = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < end) {
        const wrong = await ask();
        if (wrong !== undefined) throw new Error(wrong);
        answered += 1;
      }
    }),
  );
  return answered;
}

/** At this rate, whatever the answers take. */
async function askSteadily(ask: Ask, perSecond: number) {
  const samples: number[] = [];
  const durations: number[] = [];
  const underWay = new Set<Promise<void>>();
  let [sent, wrong, heldBack] = [0, 0, 0];
  let firstWrong: string | null = null;
  const askOnce = async () => {
    const startedAt = performance.now();
    const what = await ask();
    durations.push(performance.now() - startedAt);
    if (what === undefined) return;
    wrong += 1;
    firstWrong ??= what;
  };
  const cpuBefore = readCpuSeconds(gateway.pid);
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  while (elapsedMs() < seconds * 1_000) {
    const due = Math.floor((elapsedMs() / 1_000) * perSecond) - sent - heldBack;
    for (let at = 0; at < due; at += 1) {
      if (underWay.size >= underWayMax) {
        heldBack += 1;
        continue;
      }
      sent += 1;
      const asking: Promise<void> = askOnce().finally(() => underWay.delete(asking));
      underWay.add(asking);
    }
    if (elapsedMs() >= samples.length * sampleEveryMs) samples.push(readMemory(gateway.pid));
    await sleep(5);
  }
  await Promise.all(underWay);
  durations.sort((a, b) => a - b);
  const quantile = (q: number) => Number((durations[Math.floor(q * (durations.length - 1))] ?? 0).toFixed(1));
  return {
    seconds,
    requests: sent,
    wrong,
    firstWrong,
    heldBack,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuShare: Number(((readCpuSeconds(gateway.pid) - cpuBefore) / (elapsedMs() / 1_000)).toFixed(2)),
    memory: judgeMemory(samples),
  };
}
