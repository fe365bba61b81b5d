/**
 * `npm run load:swap [-- --subscriptions 1000 --swaps 6 --seed 1]`: subgraphs, gateway and clients in three processes.
 * Exit code 1 when anybody noticed anything.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findPort } from "../../support/startPart.ts";
import { openShop } from "./openShop.ts";
import { runSwapLoad } from "./runSwapLoad.ts";
import { swapsOf } from "./swapsOf.ts";

const { values } = parseArgs({
  options: {
    subscriptions: { type: "string", default: "1000" },
    swaps: { type: "string", default: "6" },
    seed: { type: "string", default: "1" },
  },
});
const [subscriptions, swaps, seed] = [values.subscriptions, values.swaps, values.seed].map(Number);
if (!subscriptions || !swaps || seed === undefined || Number.isNaN(seed))
  throw new Error("expected whole numbers for --subscriptions, --swaps and --seed");

const folder = await mkdtemp(join(tmpdir(), "atlas-load-"));
const shop = await openShop();
const supergraph = join(folder, "supergraph.graphql");
await writeFile(supergraph, shop.sdl);
const port = await findPort();
const url = `http://127.0.0.1:${port}`;
const gateway = spawn(
  process.execPath,
  [fileURLToPath(new URL("../../../gateway/main.js", import.meta.url))],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      ATLAS_PORT: String(port),
      ATLAS_SUPERGRAPH: supergraph,
      ATLAS_SUPERGRAPH_POLL_MS: "500",
      ATLAS_LOG_LEVEL: "error",
      APOLLO_TELEMETRY_DISABLED: "1",
    },
  },
);
try {
  while (!(await readServedId())) await sleep(100);
  const result = await runSwapLoad({
    graphql: `${url}/graphql`,
    socket: `${url.replace("http", "ws")}/graphql`,
    subscriptions,
    askers: 4,
    askPauseMs: 20,
    eventEveryMs: 1_000,
    swaps: swapsOf(shop.sdl, seed, swaps, swap),
    aroundSwapMs: 3_000,
    addBook: (title) => shop.send({ add: title }),
    countSources: shop.count,
  });
  console.log(JSON.stringify({ subscriptions, seed, ...result }, undefined, 2));
  const { failedRequests, lostEvents, repeatedEvents, clientErrors } = result;
  process.exitCode = failedRequests + lostEvents + repeatedEvents + clientErrors === 0 ? 0 : 1;
} finally {
  gateway.kill("SIGTERM");
  shop.close();
  await once(gateway, "exit");
  await rm(folder, { recursive: true });
}

async function swap(sdl: string): Promise<void> {
  const before = await readServedId();
  await writeFile(supergraph, sdl);
  while ((await readServedId()) === before) await sleep(50);
}

async function readServedId(): Promise<string | undefined> {
  try {
    // `as`: what the health page answers.
    const health = (await (await fetch(`${url}/health/ready`)).json()) as { supergraph: { id: string } };
    return health.supergraph.id;
  } catch {
    return undefined;
  }
}
