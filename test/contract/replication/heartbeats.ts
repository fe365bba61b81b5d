/** What regions hear of each other. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { DatabaseNode } from "../../support/mesh/startNode.ts";
import { ap, eu, insertSubject, mend, mesh, paused, perTestMs, until, us } from "./sharedMesh.ts";

export function tryHeartbeats(): void {
  describe("heartbeats", () => {
    test(
      "bring a horizon below which nothing of that region arrives any more",
      async () => {
        const horizon = async () =>
          (
            await ap.query<{ horizon: string }>(
              "SELECT horizon FROM replication.horizon WHERE origin LIKE 'us-east#%' ORDER BY origin DESC LIMIT 1",
            )
          )[0]?.horizon ?? "0";
        await us.asAdmin(async (client) => {
          await client.query("BEGIN");
          await client.query(
            "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', 'global', 'slow', 'US')",
            [randomUUID()],
          );
          const { rows } = await client.query<{ tx: string }>("SELECT pg_current_xact_id() AS tx");
          const open = BigInt(rows[0]?.tx ?? 0);
          // Younger transactions end, heartbeats come, and the open one holds the horizon.
          const beatsAt = await lastBeat();
          await insertSubject(us, randomUUID(), "global");
          await until(async () => (await lastBeat()) > beatsAt);
          expect(BigInt(await horizon())).toBeLessThanOrEqual(open);
          await client.query("COMMIT");
          await until(async () => BigInt(await horizon()) > open);
          expect(
            await ap.query(
              "SELECT op FROM replication.change WHERE tx = $1::xid8 AND origin LIKE 'us-east#%'",
              [String(open)],
            ),
          ).toEqual([{ op: "I" }]);
        });
      },
      perTestMs,
    );

    const lastBeat = async () =>
      (
        await ap.query<{ at: Date }>(
          "SELECT max(sent_at) AS at FROM replication.horizon WHERE origin LIKE 'us-east#%'",
        )
      )[0]?.at.getTime() ?? 0;

    test(
      "tell every region of every link, and of one that is cut that it falls behind",
      async () => {
        mesh.getLink("us-east", "ap-southeast").fail(paused);
        const lag = async (node: DatabaseNode) =>
          (
            await node.query<{ lag_ms: number }>(
              "SELECT lag_ms FROM replication.links() WHERE from_region = 'us-east' AND to_region = 'ap-southeast'",
            )
          )[0]?.lag_ms ?? 0;
        await until(async () => (await lag(ap)) > 4_000);
        // eu hears of it from ap.
        await until(async () => (await lag(eu)) > 3_000);
        mend();
        await until(async () => (await lag(eu)) < 1_000);
        expect(await us.query("SELECT FROM replication.links()")).toHaveLength(6);
        expect(await us.query("SELECT FROM replication.heartbeat")).toEqual([]);
      },
      perTestMs,
    );
  });
}
