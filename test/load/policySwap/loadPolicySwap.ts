/**
 * `npm run load:policy-swap [-- --subscriptions 1000 --swaps 4]`: subgraphs, gateway and clients in three processes.
 * Exit code 1 when anybody noticed anything but the new rules.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createDisposer } from "../../support/createDisposer.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { findPort } from "../../support/startPart.ts";
import { openShop } from "../supergraphSwap/openShop.ts";
import { grantsOf } from "./grantsOf.ts";
import { runPolicySwapLoad } from "./runPolicySwapLoad.ts";

const { values } = parseArgs({
  options: {
    subscriptions: { type: "string", default: "1000" },
    swaps: { type: "string", default: "4" },
  },
});
const [subscriptions, swaps] = [Number(values.subscriptions), Number(values.swaps)];
if (!subscriptions || !swaps) throw new Error("expected whole numbers for --subscriptions and --swaps");

await using disposer = createDisposer();
const folder = await mkdtemp(join(tmpdir(), "atlas-load-"));
const shop = await openShop();
const policies = disposer.use(await signPolicies(await grantsOf(true)));
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
      ...policies.environment,
      ATLAS_PORT: String(port),
      ATLAS_SUPERGRAPH: supergraph,
      ATLAS_POLICY_POLL_MS: "500",
      ATLAS_LOG_LEVEL: "error",
      // A thousand fetches for each event are the load, not what is measured.
      ATLAS_SUBGRAPH_TIMEOUT_MS: "60000",
      APOLLO_TELEMETRY_DISABLED: "1",
    },
  },
);
try {
  while ((await readRevision()) === undefined) await sleep(100);
  let minute = 0;
  const result = await runPolicySwapLoad({
    graphql: `${url}/graphql`,
    socket: `${url.replace("http", "ws")}/graphql`,
    subscriptions,
    eventEveryMs: 1_000,
    swaps,
    eventsBetween: 4,
    patienceMs: 300_000,
    swap: async (isGranted) => {
      minute += 1;
      const revision = `2026-02-01T00:${String(minute).padStart(2, "0")}:00Z`;
      await policies.release(revision, await grantsOf(isGranted));
      while ((await readRevision()) !== revision) await sleep(20);
    },
    addBook: (title) => shop.send({ add: title }),
    countSources: shop.count,
  });
  console.log(JSON.stringify({ subscriptions, ...result }, undefined, 2));
  const { failedRequests, lostEvents, repeatedEvents, clientErrors } = result;
  const { shownAgainstTheRules, withheldAgainstTheRules } = result;
  const againstTheRules = shownAgainstTheRules + withheldAgainstTheRules;
  const noticed = failedRequests + lostEvents + repeatedEvents + clientErrors + againstTheRules;
  process.exitCode = noticed === 0 ? 0 : 1;
} finally {
  gateway.kill("SIGTERM");
  shop.close();
  await once(gateway, "exit");
  await rm(folder, { recursive: true });
}

async function readRevision(): Promise<string | undefined> {
  try {
    // `as`: what the health page answers.
    const health = (await (await fetch(`${url}/health/ready`)).json()) as { policies: { revision: string } };
    return health.policies.revision;
  } catch {
    return undefined;
  }
}
