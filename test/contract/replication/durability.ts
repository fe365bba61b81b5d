/** Commits that wait for other regions, and what happens when none is there. */
import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import type pg from "pg";
import { setSynchronousPeers } from "../../../infra/replication/synchronousPeers.ts";
import { isWaiverSigned, type Waiver } from "../../../infra/replication/waivers.ts";
import { type PeerState, watchPeers } from "../../../infra/replication/watchPeers.ts";
import type { DatabaseNode } from "../../support/mesh/startNode.ts";
import {
  ap,
  eu,
  everywhere,
  insertSubject,
  mend,
  mesh,
  nameOf,
  paused,
  perTestMs,
  until,
  us,
} from "./sharedMesh.ts";

export function tryDurability(): void {
  describe("commits that must survive the loss of their region", () => {
    afterEach(async () => {
      await us.asAdmin((client) => setSynchronousPeers(client, "us-east", { others: [] }));
    });

    test(
      "wait until another region has them, and only those do",
      async () => {
        await us.asAdmin((client) =>
          setSynchronousPeers(client, "us-east", { others: ["eu-west", "ap-southeast"] }),
        );
        await until(
          async () =>
            (await us.query("SELECT FROM pg_stat_replication WHERE sync_state = 'quorum'")).length === 2,
        );
        const [durable, quick] = [randomUUID(), randomUUID()];
        for (const to of ["eu-west", "ap-southeast"])
          mesh.getLink("us-east", to).fail({ ...paused, forth: false });
        await insertSubject(us, quick, "global");
        let isAcknowledged = false;
        const written = us.asAdmin(async (client) => {
          await client.query("BEGIN");
          await client.query("SELECT replication.wait_for_peers()");
          await client.query(
            "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', 'global', 'first', 'US')",
            [durable],
          );
          await client.query("COMMIT");
          isAcknowledged = true;
        });
        await until(
          async () =>
            (await us.query("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).length === 1,
        );
        expect(isAcknowledged).toBe(false);
        mend();
        await written;
        expect([await nameOf(eu, durable), await nameOf(ap, durable)]).toContain("first");
      },
      perTestMs,
    );
  });

  describe("a region whose peers are gone", () => {
    test(
      "waives by a signed record when it was told to, lets the waiting commit go, and promises again when one is back",
      async () => {
        const key = randomBytes(32);
        const peers = { others: ["eu-west", "ap-southeast"] };
        const policy = { region: "us-east", peers, whenAlone: "waive", graceMs: 5_000, key } as const;
        const look = (state: PeerState, nowMs: number, whenAlone: "waive" | "refuse" = "waive") =>
          us.asAdmin((client) => watchPeers(client, { ...policy, whenAlone }, state, nowMs));
        const durable = async () =>
          us.asAdmin(async (client) => {
            await client.query("BEGIN");
            await client.query("SELECT replication.wait_for_peers()");
            await insertWith(client, randomUUID());
            await client.query("COMMIT");
          });
        const areGone = async () => (await us.query("SELECT FROM pg_stat_replication")).length === 0;
        await us.asAdmin((client) => setSynchronousPeers(client, "us-east", peers));
        await until(
          async () =>
            (await us.query("SELECT FROM pg_stat_replication WHERE sync_state = 'quorum'")).length === 2,
        );
        try {
          expect(await look({ kind: "together" }, 0)).toEqual({ kind: "together" });
          for (const to of peers.others) mesh.getLink("us-east", to).fail({ ...paused, forth: false });
          const waiting = durable();
          await until(
            async () =>
              (await us.query("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).length === 1,
          );
          for (const to of peers.others) mesh.getLink("us-east", to).fail({ kind: "cut" });
          await until(areGone);
          await expect(durable()).rejects.toMatchObject({ code: "ATR04" });
          const alone = await look({ kind: "together" }, 0);
          expect(await look(alone, 4_000)).toEqual({ kind: "alone", sinceMs: 0, isWaived: false });
          expect(await look(alone, 60_000, "refuse")).toEqual({ kind: "alone", sinceMs: 0, isWaived: false });
          const waived = await look(alone, 6_000);
          expect(waived).toEqual({ kind: "alone", sinceMs: 0, isWaived: true });
          await waiting;
          await durable();
          const [waiver] = await us.query<Waiver & { signature: string }>(
            'SELECT id, region, class, reason, started_at AS "startedAt", signature FROM replication.waiver WHERE ended_at IS NULL',
          );
          expect(waiver).toMatchObject({ class: "GLOBAL", reason: "no other region took copies for 6 s" });
          expect(waiver && isWaiverSigned(key, waiver)).toBe(true);
          expect(waiver && isWaiverSigned(key, { ...waiver, reason: "another" })).toBe(false);
          mend();
          await until(async () => !(await areGone()));
          await until(async () => (await look(waived, 7_000)).kind === "together");
          expect(await us.query("SELECT FROM replication.waiver WHERE ended_at IS NULL")).toEqual([]);
          await until(
            async () =>
              (await us.query("SELECT FROM pg_stat_replication WHERE sync_state = 'quorum'")).length > 0,
          );
          await durable();
        } finally {
          mend();
          await us.asAdmin((client) => setSynchronousPeers(client, "us-east", { others: [] }));
        }
      },
      perTestMs,
    );

    const insertWith = (client: pg.Client, id: string) =>
      client.query(
        "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', 'global', 'first', 'US')",
        [id],
      );
  });

  describe("two regions that write one row at the same time", () => {
    test(
      "and wait for each other's confirmation both get their answer, though each holds the row that the other must write",
      async () => {
        const id = randomUUID();
        await insertSubject(us, id, "global");
        await mesh.settle();
        await ap.stop();
        try {
          for (const [node, other] of [
            [us, "eu-west"],
            [eu, "us-east"],
          ] as const) {
            await node.asAdmin((client) =>
              setSynchronousPeers(client, node.member.region, { others: [other] }),
            );
          }
          await until(async () => (await isSynchronous(us)) && (await isSynchronous(eu)));
          // What each sends is held back until both have written: then both hold their row and wait.
          mesh.getLink("us-east", "eu-west").fail({ ...paused, forth: false });
          mesh.getLink("eu-west", "us-east").fail({ ...paused, forth: false });
          const both = [us, eu].map((node) =>
            node.asAdmin(async (client) => {
              await client.query("BEGIN");
              await client.query("SELECT replication.wait_for_peers()");
              await client.query("UPDATE regions.data_subject SET pseudonym = $2 WHERE id = $1", [
                id,
                node.member.region,
              ]);
              await client.query("COMMIT");
            }),
          );
          await until(async () => (await waitingCommits(us)) + (await waitingCommits(eu)) === 2);
          mend();
          await Promise.all(both);
        } finally {
          for (const node of [us, eu]) {
            await node.asAdmin((client) => setSynchronousPeers(client, node.member.region, { others: [] }));
          }
          await ap.start();
        }
        await mesh.settle();
        const [name] = await everywhere(id);
        expect(await everywhere(id)).toEqual([name, name, name]);
        expect(["us-east", "eu-west"]).toContain(name);
      },
      perTestMs,
    );

    const isSynchronous = async (node: DatabaseNode) =>
      (await node.query("SELECT FROM pg_stat_replication WHERE sync_state = 'quorum'")).length > 0;
    const waitingCommits = async (node: DatabaseNode) =>
      (await node.query("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).length;
  });
}
