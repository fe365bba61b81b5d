/** What a receiver cannot or must not apply, and regions on different schema versions. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { assertPublications } from "../../../infra/replication/assertPublications.ts";
import { getMember, members } from "../../../infra/replication/member.ts";
import { publishTo } from "../../../infra/replication/publishTo.ts";
import type { DatabaseNode } from "../../support/mesh/startNode.ts";
import {
  ap,
  cutOff,
  eu,
  everywhere,
  insertSubject,
  log,
  mend,
  mesh,
  nameOf,
  perTestMs,
  rename,
  until,
  us,
} from "./sharedMesh.ts";

export function tryRefusals(): void {
  describe("what cannot be applied", () => {
    test(
      "is set aside with its reason, holds nobody up, and can be replayed",
      async () => {
        await eu.query(
          "ALTER TABLE regions.data_subject ADD CONSTRAINT no_poison CHECK (pseudonym <> 'poison')",
        );
        try {
          const [poison, after] = [randomUUID(), randomUUID()];
          await insertSubject(us, poison, "global", "poison");
          await insertSubject(us, after, "global");
          await mesh.settle();
          expect(await everywhere(after)).toEqual(["first", "first", "first"]);
          const [entry] = await eu.query<{ id: string; reason: string; message: string }>(
            "SELECT id, reason, message FROM replication.quarantine WHERE pk = $1",
            [poison],
          );
          expect(entry).toMatchObject({
            reason: "ROW",
            message: expect.stringMatching(/^23514: .*no_poison/),
          });
          const replay = async () =>
            (await eu.query<{ done: boolean }>("SELECT replication.replay($1) AS done", [entry?.id]))[0]
              ?.done;
          expect(await replay()).toBe(false);
          await eu.query("ALTER TABLE regions.data_subject DROP CONSTRAINT no_poison");
          expect(await replay()).toBe(true);
          expect(await everywhere(poison)).toEqual(["poison", "poison", "poison"]);
          // It is applied as a remote row: nothing goes back.
          expect(await log(us, poison)).toHaveLength(1);
        } finally {
          await eu.query("ALTER TABLE regions.data_subject DROP CONSTRAINT IF EXISTS no_poison");
        }
      },
      perTestMs,
    );

    test(
      "because two regions gave one unique key to two rows is set aside in both",
      async () => {
        const [mine, theirs, subject] = [randomUUID(), randomUUID(), randomUUID()];
        cutOff("eu-west");
        for (const [node, id] of [
          [us, mine],
          [eu, theirs],
        ] as const) {
          await node.query(
            "INSERT INTO regions.account (id, tenant, residency, subject, display_name) VALUES ($1, 'acme', 'global', $2, 'x')",
            [id, subject],
          );
        }
        mend();
        await mesh.settle();
        const pks = async (node: DatabaseNode) =>
          (
            await node.query<{ pk: string }>("SELECT pk FROM replication.quarantine WHERE pk = ANY ($1)", [
              [mine, theirs],
            ])
          ).map(({ pk }) => pk);
        expect(await pks(us)).toEqual([theirs]);
        expect(await pks(eu)).toEqual([mine]);
        expect(await pks(ap)).toHaveLength(1);
      },
      perTestMs,
    );

    test(
      "because it is stamped in our future waits until its time has come",
      async () => {
        await eu.query("UPDATE replication.self SET skew_ms_max = 1500");
        await us.query("UPDATE replication.self SET clock_offset_ms = 4000");
        try {
          const id = randomUUID();
          await insertSubject(us, id, "global");
          await mesh.settle();
          expect(await eu.query("SELECT reason FROM replication.quarantine WHERE pk = $1", [id])).toEqual([
            { reason: "CLOCK" },
          ]);
          await until(async () => (await nameOf(eu, id)) === "first");
          expect(
            await eu.query("SELECT FROM replication.quarantine WHERE pk = $1 AND replayed_at IS NULL", [id]),
          ).toEqual([]);
        } finally {
          for (const node of [us, eu])
            await node.query("UPDATE replication.self SET skew_ms_max = 60000, clock_offset_ms = 0");
        }
      },
      perTestMs,
    );

    test(
      "because the sender's filter is wrong is refused without being stored, and the sender's start-up check names the fault",
      async () => {
        const others = members.filter(({ region }) => region !== "eu-west");
        await eu.asAdmin((client) => assertPublications(client, others));
        await eu.query("ALTER PUBLICATION for_us_east SET TABLE replication.change, replication.heartbeat");
        try {
          const fault = eu.asAdmin((client) => assertPublications(client, others));
          await expect(fault).rejects.toMatchObject({
            name: "WrongPublication",
            faults: [
              expect.stringMatching(
                /^for_us_east replication\.change: expected \(\(origin = .*; got every row$/,
              ),
              expect.stringMatching(/^for_us_east replication\.heartbeat/),
            ],
          });
          const id = randomUUID();
          await insertSubject(eu, id, "eu");
          await until(
            async () =>
              (
                await us.query("SELECT FROM replication.quarantine WHERE pk = $1 AND reason = 'RESIDENCY'", [
                  id,
                ])
              ).length > 0,
          );
          expect(await log(us, id)).toEqual([]);
          expect(await us.query("SELECT * FROM replication.leaks()")).toEqual([]);
        } finally {
          await eu.query("DROP PUBLICATION for_us_east");
          await eu.asAdmin((client) => publishTo(client, getMember("us-east"), mesh.password));
        }
        await eu.asAdmin((client) => assertPublications(client, others));
        await mesh.settle();
      },
      perTestMs,
    );
  });

  describe("regions on different schema versions", () => {
    test(
      "keep what the other does not know, and catch up when they have the column",
      async () => {
        const [old, fresh] = [randomUUID(), randomUUID()];
        await insertSubject(us, old, "global");
        await mesh.settle();
        const expand = (node: DatabaseNode) =>
          node.query(
            "ALTER TABLE regions.data_subject ADD COLUMN note text NOT NULL DEFAULT 'none', ADD COLUMN shout text GENERATED ALWAYS AS (upper(pseudonym)) STORED",
          );
        const noteOf = async (node: DatabaseNode, id: string) =>
          (await node.query("SELECT note, shout FROM regions.data_subject WHERE id = $1", [id]))[0];
        try {
          await expand(us);
          await us.query("UPDATE replication.self SET schema_version = schema_version + 1");
          await us.query("UPDATE regions.data_subject SET note = 'kept' WHERE id = $1", [old]);
          await insertSubject(us, fresh, "global");
          await us.query("UPDATE regions.data_subject SET note = 'new' WHERE id = $1", [fresh]);
          await mesh.settle();
          // A writer that does not know the column changes the others only.
          await rename(eu, old, "second");
          await mesh.settle();
          expect(await noteOf(us, old)).toEqual({ note: "kept", shout: "SECOND" });
          await expand(ap);
          const [{ version } = { version: 0 }] = await ap.query<{ version: number }>(
            "SELECT schema_version AS version FROM replication.self",
          );
          await ap.query("SELECT replication.reapply($1)", [version]);
          expect(await noteOf(ap, fresh)).toEqual({ note: "new", shout: "FIRST" });
          for (const node of mesh.nodes)
            expect(
              await node.query("SELECT FROM replication.quarantine WHERE pk = ANY ($1)", [[old, fresh]]),
            ).toEqual([]);
        } finally {
          for (const node of mesh.nodes) {
            await node.query(
              "ALTER TABLE regions.data_subject DROP COLUMN IF EXISTS shout, DROP COLUMN IF EXISTS note",
            );
          }
          await us.query("UPDATE replication.self SET schema_version = schema_version - 1");
        }
      },
      perTestMs,
    );
  });
}
