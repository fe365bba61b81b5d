/** After the faults: what operators and jobs do, and then waiting until all regions agree. */
import { setTimeout as delay } from "node:timers/promises";
import type { Mesh } from "../support/mesh/startMesh.ts";
import type { DatabaseNode } from "../support/mesh/startNode.ts";
import { turnClock } from "./injectFaults.ts";

/** Milliseconds until all agree; throws with the differences when they do not within `timeoutMs`. */
export async function converge(mesh: Mesh, timeoutMs = 30_000): Promise<number> {
  const startedAt = performance.now();
  for (const node of mesh.nodes) {
    await turnClock(node, 0);
    await node.query("ALTER TABLE intelligence.risk_assessment DROP CONSTRAINT IF EXISTS no_poison");
  }
  for (const deadline = startedAt + timeoutMs; ; await delay(200)) {
    for (const node of mesh.nodes) await mesh.repair(node.member.region);
    await mesh.settle(timeoutMs);
    for (const node of mesh.nodes) {
      await node.query(
        "SELECT replication.replay(id) FROM replication.quarantine WHERE replayed_at IS NULL ORDER BY hlc",
      );
    }
    const differences = await findDifferences(mesh);
    if (differences.length === 0) return performance.now() - startedAt;
    if (performance.now() > deadline) {
      const heads = await findDifferentHeads(mesh);
      throw new Error(`the regions do not agree:\n  ${[...differences, ...heads].join("\n  ")}`);
    }
  }
}

/** For each residency, the hash of every table in every place that may hold it. */
export async function findDifferences(mesh: Mesh): Promise<string[]> {
  const residencies = [...new Set(mesh.nodes.flatMap(({ member }) => member.holds))];
  const differences: string[] = [];
  for (const residency of residencies) {
    const holders = [
      ...mesh.nodes.filter(({ member }) => member.holds.includes(residency)),
      ...mesh.standbys.filter(({ member }) =>
        mesh.getNode(member.standbyOf ?? "").member.holds.includes(residency),
      ),
    ];
    const hashes = await Promise.all(holders.map((node) => hashScope(node, residency)));
    for (const [index, hash] of hashes.entries()) {
      if (hash !== hashes[0])
        differences.push(
          `${residency}: ${holders[index]?.member.region} has ${hash}, ${holders[0]?.member.region} ${hashes[0]}`,
        );
    }
  }
  for (const node of mesh.nodes) {
    const open = await node.query("SELECT FROM replication.quarantine WHERE replayed_at IS NULL");
    if (open.length > 0) differences.push(`${node.member.region}: ${open.length} changes are set aside`);
  }
  return differences;
}

const tables = ["intelligence.risk_assessment", "intelligence.signal", "regions.consent"];

async function hashScope(node: DatabaseNode, residency: string): Promise<string> {
  const parts = tables.map(
    (table) =>
      `(SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY id)), '-') FROM ${table} t WHERE residency = $1)`,
  );
  const heads = `(SELECT count(*) || ' ' || coalesce(md5(string_agg(concat(tbl, pk, hlc, origin, deleted), '|' ORDER BY tbl, pk)), '-')
    FROM replication.head WHERE residency = $1)`;
  const [row] = await node.query<{ hash: string }>(
    `SELECT concat_ws(' · ', ${[...parts, heads].join(", ")}) AS hash`,
    [residency],
  );
  return row?.hash ?? "";
}

/** The first few rows of which not all regions have the same newest version, with every version that each knows. */
async function findDifferentHeads(mesh: Mesh): Promise<string[]> {
  const headsOf = async (node: DatabaseNode) =>
    node.query<{ pk: string; head: string }>(
      "SELECT pk, concat_ws(' ', tbl, pk, hlc, origin, deleted) AS head FROM replication.head WHERE residency = 'global'",
    );
  const all = await Promise.all(mesh.nodes.map(headsOf));
  const [first = []] = all;
  const different = first
    .filter(({ head }) => all.some((heads) => !heads.some((one) => one.head === head)))
    .slice(0, 3);
  const described = different.flatMap(({ pk }) =>
    mesh.nodes.map(async (node, index) => {
      const versions = await node.query<{ version: string }>(
        "SELECT concat_ws(' ', op, hlc, origin, seq, base_hlc, base_origin) AS version FROM replication.change WHERE pk = $1 ORDER BY hlc DESC, origin DESC LIMIT 4",
        [pk],
      );
      const head = all[index]?.find((one) => one.pk === pk)?.head;
      return `${node.member.region}: head ${head}; log ${versions.map(({ version }) => version).join(" | ")}`;
    }),
  );
  return Promise.all(described);
}
