/**
 * `npm run bench:gateway -- [--scenario NAME …] [--gateway NAME …] [--seconds N] [--rounds N]`: CPU seconds per 1,000
 * requests of each gateway in each scenario, and how many times less than @apollo/gateway that is. Gateways take
 * turns within a round, so that a noisy machine is noisy for all; the table shows medians over the rounds.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type GatewayName, gatewayNames, startGateway } from "./gateways.ts";
import type { LoadResult } from "./generateLoad.ts";
import { type Scenario, scenarios } from "./operations.ts";
import { readCpuSeconds } from "./processCost.ts";
import { reviews } from "./shop/rows.ts";
import { answerAsMonolith, loadCore, startShop, writeSupergraph } from "./shopGraph.ts";
import { watchMemory } from "./watchMemory.ts";

type Measurement = {
  readonly cpuPer1000: number;
  readonly rps: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly peakMiB: number;
};

const { values } = parseArgs({
  options: {
    scenario: { type: "string", multiple: true },
    gateway: { type: "string", multiple: true },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
  },
});
const folder = resolve(".atlas/bench");
const shopPort = 5_221;
const gatewayPort = 5_220;

// What measures must not run where the gateway does.
execFileSync("taskset", ["-cp", loadCore, String(process.pid)], { stdio: "ignore" });
mkdirSync(folder, { recursive: true });
const peersFolder = installPeers();
const supergraph = writeSupergraph(folder, shopPort);
const chosenScenarios = scenarios.filter(({ name }) => values.scenario?.includes(name) ?? true);
const chosenGateways = gatewayNames.filter((name) => values.gateway?.includes(name) ?? true);

for (const scenario of chosenScenarios) {
  const expectedFile = await writeExpected(scenario);
  const measured = new Map<GatewayName, Measurement[]>();
  const stopShop = await startShop(shopPort, scenario.latencyMs);
  try {
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const name of chosenGateways) {
        if (scenario.unableGateways?.includes(name)) continue;
        const measurement = await measure(name, scenario, expectedFile, round);
        measured.set(name, [...(measured.get(name) ?? []), measurement]);
      }
    }
  } finally {
    stopShop();
  }
  printTable(scenario, measured);
}

async function measure(
  name: GatewayName,
  scenario: Scenario,
  expectedFile: string,
  round: number,
): Promise<Measurement> {
  const gateway = await startGateway(name, { supergraph, peersFolder, port: gatewayPort });
  try {
    if (scenario.warmUp > 0)
      check(name, await generateLoad(gateway.url, scenario, expectedFile, 0, round * 10_000_000));
    const endWatch = watchMemory(gateway.pid);
    let before = readCpuSeconds(gateway.pid);
    const load = check(
      name,
      await generateLoad(
        gateway.url,
        scenario,
        expectedFile,
        Number(values.seconds),
        round * 10_000_000 + 1_000_000,
        () => {
          before = readCpuSeconds(gateway.pid);
        },
      ),
    );
    const cpuSeconds = readCpuSeconds(gateway.pid) - before;
    return {
      cpuPer1000: (cpuSeconds / load.requests) * 1_000,
      rps: load.requests / load.seconds,
      p50: load.p50,
      p99: load.p99,
      peakMiB: endWatch(),
    };
  } finally {
    await gateway.stop();
  }
}

/** A wrong answer is worth nothing, however fast. */
function check(name: GatewayName, load: LoadResult): LoadResult {
  if (load.wrong > 0)
    throw new Error(
      `${name} answered ${load.wrong} of ${load.requests} requests wrongly, the first: ${load.firstWrong}`,
    );
  return load;
}

function generateLoad(
  url: string,
  { name, eventsPerSecond }: Scenario,
  expectedFile: string,
  seconds: number,
  firstIndex: number,
  onStarted = () => {},
): Promise<LoadResult> {
  const file = eventsPerSecond ? "./generateEvents.js" : "./generateLoad.js";
  const script = new URL(file, import.meta.url).pathname;
  const child = spawn(
    "taskset",
    ["-c", loadCore, "node", script, url, name, expectedFile, String(seconds), String(firstIndex)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (output !== "started\n") return;
    output = "";
    onStarted();
  });
  return new Promise((resolve, reject) => {
    child.on("exit", (code) =>
      code === 0
        ? resolve(JSON.parse(output) as LoadResult)
        : reject(new Error(`the load generator ended with ${code}`)),
    );
  });
}

/** What one graphql-js execution of the whole shop answers; of a subscription, for each of the events that come in turn. */
async function writeExpected(scenario: Scenario): Promise<string> {
  const source = scenario.operation(0);
  const path = `${folder}/${scenario.name}.expected.json`;
  const events = () =>
    Promise.all(reviews.map((review) => answerAsMonolith(source, { reviewAdded: { ...review, id: "#" } })));
  writeFileSync(
    path,
    scenario.eventsPerSecond ? JSON.stringify(await events()) : await answerAsMonolith(source),
  );
  return path;
}

function installPeers(): string {
  const target = `${folder}/peers`;
  cpSync("test/bench/gateway/peers", target, { recursive: true });
  const wanted = readFileSync(`${target}/package.json`, "utf8");
  const stamp = `${target}/node_modules/.installed`;
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    process.stdout.write("installing the peers…\n");
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent"], {
      cwd: target,
      stdio: "inherit",
    });
    writeFileSync(stamp, wanted);
  }
  return target;
}

function printTable(scenario: Scenario, measured: ReadonlyMap<GatewayName, readonly Measurement[]>): void {
  const median = (name: GatewayName, key: keyof Measurement): number => {
    const sorted = (measured.get(name) ?? []).map((one) => one[key] ?? Number.NaN).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  const base = median("apollo-gateway", "cpuPer1000");
  const rows = [...measured.keys()].map((name) => {
    const cpu = median(name, "cpuPer1000");
    const cells = [
      cpu.toFixed(3),
      Number.isNaN(base) ? "-" : `${(base / cpu).toFixed(1)}×`,
      median(name, "rps").toFixed(0),
      toMs(median(name, "p50")),
      toMs(median(name, "p99")),
      median(name, "peakMiB").toFixed(0),
    ];
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  process.stdout.write(
    `\n### ${scenario.title}\n\n| gateway | CPU s per 1,000 | less than @apollo/gateway | requests/s | p50 ms | p99 ms | peak MiB |\n|---|---|---|---|---|---|---|\n${rows.join("\n")}\n`,
  );
}

function toMs(value: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(1);
}
