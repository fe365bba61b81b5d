/** One seeded run: three regions, one of them with a standby, under writes from everywhere, while things go wrong. */
import { members } from "../../infra/replication/member.ts";
import { setSynchronousPeers } from "../../infra/replication/synchronousPeers.ts";
import { type Mesh, startMesh } from "../support/mesh/startMesh.ts";
import { checkHistory } from "./checkHistory.ts";
import { converge } from "./converge.ts";
import { createHistory } from "./history.ts";
import { injectFaults, turnClock } from "./injectFaults.ts";
import { createRandom } from "./random.ts";
import { startWriters } from "./startWriters.ts";

export type ChaosReport = {
  readonly acknowledged: number;
  readonly unknown: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly conflicts: number;
  readonly quarantined: number;
  readonly lostWithDisk: number;
  readonly convergedMs: number;
  readonly violations: readonly string[];
};

export async function runChaos({
  seed,
  durationMs,
}: {
  readonly seed: number;
  readonly durationMs: number;
}): Promise<ChaosReport> {
  const wiped = createRandom(seed).pick(members).region;
  await using mesh = await startMesh({ withStandby: [wiped] });
  for (const node of mesh.nodes) await makeDurable(mesh, node.member.region);
  const history = createHistory();
  const serving = new Set(mesh.nodes.map(({ member }) => member.region));
  const writers = startWriters(mesh.nodes, history, { seed, isServing: (region) => serving.has(region) });
  let faults: readonly string[] = [];
  try {
    faults = await injectFaults(mesh, history, {
      seed,
      durationMs,
      wiped,
      onRebuilt: (region) => makeDurable(mesh, region),
      setServing: (region, isServing) => void (isServing ? serving.add(region) : serving.delete(region)),
    });
  } finally {
    await writers.stop();
  }
  const convergedMs = await converge(mesh);
  const { violations, lostWithDisk } = await checkHistory(mesh, history);
  return {
    acknowledged: history.acknowledged.length,
    unknown: history.unknown,
    refused: Object.fromEntries(history.refused),
    faults,
    conflicts: await count(mesh, "replication.conflict"),
    quarantined: await count(mesh, "replication.quarantine"),
    lostWithDisk,
    convergedMs,
    violations,
  };
}

/** Commits that must survive wait for another region, and for the standby where there is one; elsewhere that is waived. */
async function makeDurable(mesh: Mesh, region: string): Promise<void> {
  const node = mesh.getNode(region);
  const standby = mesh.standbys.find(({ member }) => member.standbyOf === region)?.member.region;
  const others = mesh.nodes.map(({ member }) => member.region).filter((other) => other !== region);
  await node.asAdmin((client) =>
    setSynchronousPeers(client, region, standby === undefined ? { others } : { others, standby }),
  );
  await turnClock(node, 0);
  if (standby === undefined) {
    await node.query(
      "INSERT INTO replication.waiver (region, class, reason, started_at, signature) VALUES ($1, 'RESIDENT', 'its disk is not taken in this run', now(), 'chaos')",
      [region],
    );
  }
}

/** The largest of the regions: each of them sees a conflict or a fault for itself. */
async function count(mesh: Mesh, table: string): Promise<number> {
  const counts = await Promise.all(
    mesh.nodes.map(async (node) =>
      Number((await node.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n),
    ),
  );
  return Math.max(...counts);
}
