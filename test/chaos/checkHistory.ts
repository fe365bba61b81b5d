/** Holds what the clients were told against what the regions have. Answers every violation in words; none is good. */
import type { Mesh } from "../support/mesh/startMesh.ts";
import type { DatabaseNode } from "../support/mesh/startNode.ts";
import type { History, Write } from "./history.ts";

export type Verdict = {
  readonly violations: readonly string[];
  /** Signals that were acknowledged by one region alone and went with its disk, as their class says they may. */
  readonly lostWithDisk: number;
};

export async function checkHistory(mesh: Mesh, history: History): Promise<Verdict> {
  const violations: string[] = [];
  let lostWithDisk = 0;
  for (const node of mesh.nodes) {
    const { missing, excused } = await findMissing(node, history);
    lostWithDisk = Math.max(lostWithDisk, excused);
    violations.push(
      ...missing.map(
        (write) =>
          `lost: ${write.kind} ${write.origin} ${write.seq} (${write.residency}) is not in ${node.member.region}`,
      ),
      ...(await findLeaks(node)),
      ...(await findWrongRows(node)),
      ...(await findDisorder(node)),
    );
  }
  violations.push(...findStepsBack(history));
  return { violations, lostWithDisk };
}

/** Every acknowledged write must be in the log of every region that may hold it. */
async function findMissing(
  node: DatabaseNode,
  history: History,
): Promise<{ missing: Write[]; excused: number }> {
  const rows = await node.query<{ name: string }>(
    "SELECT origin || ' ' || seq AS name FROM replication.change",
  );
  const known = new Set(rows.map(({ name }) => name));
  const absent = history.acknowledged.filter(
    ({ origin, seq, residency }) => node.member.holds.includes(residency) && !known.has(`${origin} ${seq}`),
  );
  const isExcused = ({ durability, origin }: Write): boolean =>
    durability === "local" && history.lostLives.has(origin);
  return { missing: absent.filter((write) => !isExcused(write)), excused: absent.filter(isExcused).length };
}

async function findLeaks(node: DatabaseNode): Promise<string[]> {
  const leaks = await node.query<{ place: string; residency: string; rows: string }>(
    "SELECT * FROM replication.leaks()",
  );
  return leaks.map(
    ({ place, residency, rows }) =>
      `leak: ${node.member.region} has ${rows} rows of ${residency} in ${place}`,
  );
}

/** The row must be what the largest (hlc, origin) of all its versions says. */
async function findWrongRows(node: DatabaseNode): Promise<string[]> {
  const wrong = await node.query<{ pk: string; expected: string | null; found: string | null }>(`
    WITH newest AS (
      SELECT DISTINCT ON (pk) pk, CASE WHEN op <> 'D' THEN content ->> 'title' END AS title
      FROM replication.change WHERE tbl = 'intelligence.risk_assessment' ORDER BY pk, hlc DESC, origin DESC
    )
    SELECT coalesce(newest.pk, t.id)::text AS pk, newest.title AS expected, t.title AS found
    FROM newest FULL JOIN intelligence.risk_assessment t ON t.id = newest.pk
    WHERE newest.title IS DISTINCT FROM t.title`);
  return wrong.map(
    ({ pk, expected, found }) =>
      `wrong: ${node.member.region} has ${found} for ${pk}; its newest version says ${expected}`,
  );
}

/** A version is larger than the one that its writer had, and no two of a row are equal. */
async function findDisorder(node: DatabaseNode): Promise<string[]> {
  const rows = await node.query<{ fault: string }>(`
    SELECT 'a version is not larger than the one before it: ' || origin || ' ' || seq AS fault FROM replication.change
    WHERE op <> 'P' AND hlc <= base_hlc
    UNION ALL
    SELECT 'two versions have one stamp: ' || pk FROM replication.change WHERE op <> 'P'
    GROUP BY tbl, pk, hlc, origin HAVING count(*) > 1`);
  return rows.map(({ fault }) => `order: ${node.member.region}: ${fault}`);
}

/** In one region, of two writes of one row the one that began after the other was acknowledged has the larger stamp. */
function findStepsBack({ acknowledged }: History): string[] {
  const byRow = new Map<string, Write[]>();
  for (const write of acknowledged) {
    const name = `${write.region} ${write.pk}`;
    byRow.set(name, [...(byRow.get(name) ?? []), write]);
  }
  return [...byRow.values()].flatMap((writes) =>
    writes.flatMap((later) =>
      writes
        .filter(
          (earlier) => earlier.endedAtMs < later.startedAtMs && BigInt(earlier.hlc) >= BigInt(later.hlc),
        )
        .map(
          ({ seq, hlc }) =>
            `order: ${later.region} ${later.pk}: ${seq} then ${later.seq}, stamps ${hlc}, ${later.hlc}`,
        ),
    ),
  );
}
