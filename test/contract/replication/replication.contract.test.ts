/**
 * What replication between regions promises, on three real clusters whose links fail. One mesh serves all tests: it takes
 * seconds to make, and each test uses rows of its own.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type pg from "pg";
import { assertPublications } from "../../../infra/replication/assertPublications.ts";
import { getMember, members } from "../../../infra/replication/member.ts";
import { publishTo } from "../../../infra/replication/publishTo.ts";
import { setSynchronousPeers } from "../../../infra/replication/synchronousPeers.ts";
import { isWaiverSigned, type Waiver } from "../../../infra/replication/waivers.ts";
import { type PeerState, watchPeers } from "../../../infra/replication/watchPeers.ts";
import { type Mesh, startMesh } from "../../support/mesh/startMesh.ts";
import type { DatabaseNode } from "../../support/mesh/startNode.ts";
import { buildOnce } from "../../support/startDatabase.ts";

let mesh: Mesh;
let us: DatabaseNode;
let eu: DatabaseNode;
let ap: DatabaseNode;

beforeAll(async () => {
  await buildOnce();
  mesh = await startMesh();
  [us, eu, ap] = [mesh.getNode("us-east"), mesh.getNode("eu-west"), mesh.getNode("ap-southeast")];
}, 240_000);
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
}, 60_000);

const paused = { kind: "paused", forth: true, back: true } as const;
const perTestMs = 90_000;

describe("rows", () => {
  test(
    "arrive in every region that may hold them and in no other",
    async () => {
      const [open, european] = [randomUUID(), randomUUID()];
      await insertSubject(us, open, "global");
      await insertSubject(eu, european, "eu");
      await mesh.settle();
      expect(await everywhere(open)).toEqual(["first", "first", "first"]);
      expect(await everywhere(european)).toEqual([undefined, "first", undefined]);
      for (const node of mesh.nodes)
        expect(await node.query("SELECT * FROM replication.leaks()")).toEqual([]);
    },
    perTestMs,
  );

  test(
    "arrive with every value as it was: numbers, arrays, JSON, moments, texts",
    async () => {
      const id = randomUUID();
      const kept = `SELECT id, to_jsonb(score) AS score, coverage, contributions, signal_ids, computed_at FROM intelligence.fusion_result WHERE id = $1`;
      await us.query(
        `INSERT INTO intelligence.fusion_result (id, tenant, residency, method, score, coverage, contributions, signal_ids, computed_at)
         VALUES ($1, 'acme', 'global', E'quote '' back \\\\ slash ü 😀', 0.1::float8 + 0.2::float8, 5e-324, $2, $3, '2026-03-29T01:59:59.999+02')`,
        [
          id,
          JSON.stringify({ a: [1, null, { deep: "x" }], n: 12345678901234567890123456789n.toString() }),
          [randomUUID(), randomUUID()],
        ],
      );
      await mesh.settle();
      const [sent] = await us.query(kept, [id]);
      expect(sent).toMatchObject({ coverage: 5e-324 });
      expect(await eu.query(kept, [id])).toEqual([sent]);
      expect(await ap.query(kept, [id])).toEqual([sent]);
    },
    perTestMs,
  );

  test(
    "arrive once, though a receiver that comes back is sent some of them again",
    async () => {
      const id = randomUUID();
      await insertSubject(us, id, "global");
      await mesh.settle();
      const before = await log(eu, id);
      await deliverAgain(eu, id);
      await rename(us, id, "second");
      await mesh.settle();
      expect(await everywhere(id)).toEqual(["second", "second", "second"]);
      expect((await log(eu, id)).slice(0, before.length)).toEqual(before);
      expect(await log(eu, id)).toHaveLength(2);
    },
    perTestMs,
  );

  test(
    "end up the same in all regions when the update overtakes the insert on another way",
    async () => {
      const id = randomUUID();
      mesh.getLink("us-east", "ap-southeast").fail(paused);
      await insertSubject(us, id, "global");
      await until(async () => (await nameOf(eu, id)) === "first");
      await rename(eu, id, "second");
      await until(async () => (await nameOf(ap, id)) === "second");
      mesh.getLink("us-east", "ap-southeast").fail(undefined);
      await mesh.settle();
      expect(await everywhere(id)).toEqual(["second", "second", "second"]);
    },
    perTestMs,
  );

  test(
    "stay deleted when an older update arrives after the deletion",
    async () => {
      const id = randomUUID();
      await insertSubject(us, id, "global");
      await mesh.settle();
      mesh.getLink("us-east", "ap-southeast").fail(paused);
      await rename(us, id, "second");
      await until(async () => (await nameOf(eu, id)) === "second");
      await eu.query("DELETE FROM regions.data_subject WHERE id = $1", [id]);
      await until(async () => (await nameOf(ap, id)) === undefined);
      mesh.getLink("us-east", "ap-southeast").fail(undefined);
      await mesh.settle();
      expect(await everywhere(id)).toEqual([undefined, undefined, undefined]);
    },
    perTestMs,
  );

  test(
    "written apart in two regions become the newest version everywhere, and the conflict is on record",
    async () => {
      const id = randomUUID();
      await insertSubject(us, id, "global");
      await mesh.settle();
      cutOff("eu-west");
      await rename(us, id, "of us");
      await rename(eu, id, "of eu");
      mend();
      await mesh.settle();
      expect(await everywhere(id)).toEqual(["of eu", "of eu", "of eu"]);
      const conflict = `SELECT split_part(kept_origin, '#', 1) AS kept, split_part(lost_origin, '#', 1) AS lost FROM replication.conflict WHERE pk = $1`;
      for (const node of mesh.nodes)
        expect(await node.query(conflict, [id])).toEqual([{ kept: "eu-west", lost: "us-east" }]);
      // The version that lost is kept.
      expect((await log(ap, id)).map(({ content }) => content?.pseudonym).sort()).toEqual([
        "first",
        "of eu",
        "of us",
      ]);
    },
    perTestMs,
  );

  test(
    "written one after the other by several regions are no conflict",
    async () => {
      const id = randomUUID();
      await insertSubject(us, id, "global");
      for (const [index, node] of [eu, ap, us, eu].entries()) {
        await mesh.settle();
        await rename(node, id, `version ${index}`);
      }
      await mesh.settle();
      expect(await everywhere(id)).toEqual(["version 3", "version 3", "version 3"]);
      for (const node of mesh.nodes)
        expect(await node.query("SELECT FROM replication.conflict WHERE pk = $1", [id])).toEqual([]);
    },
    perTestMs,
  );

  test(
    "of other regions reach this region's watchers, and are not sent back",
    async () => {
      const id = randomUUID();
      await us.query(
        `INSERT INTO intelligence.signal (id, tenant, residency, source_code, source_id, domain, kind, title, severity, confidence, marking, observed_at, updated_at, ingest_region_code)
         VALUES ($1, 'acme', 'global', 'analyst', $1::uuid::text, 'CYBER', 'x', 't', 0.5, 0.5, 'CLEAR', now(), now(), 'us-east')`,
        [id],
      );
      await mesh.settle();
      expect(await eu.query("SELECT topic FROM intelligence.outbox WHERE value ->> 'id' = $1", [id])).toEqual(
        [{ topic: "signals.global.v1" }],
      );
      expect(await log(eu, id)).toHaveLength(1);
    },
    perTestMs,
  );
});

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
        expect(entry).toMatchObject({ reason: "ROW", message: expect.stringMatching(/^23514: .*no_poison/) });
        const replay = async () =>
          (await eu.query<{ done: boolean }>("SELECT replication.replay($1) AS done", [entry?.id]))[0]?.done;
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

describe("a row shared by consent", () => {
  test(
    "goes to that region while it is shared, and is purged there with all its versions when it no longer is",
    async () => {
      const id = randomUUID();
      await insertSubject(eu, id, "eu");
      await share(id, ["us-east"]);
      await rename(eu, id, "second");
      await mesh.settle();
      expect(await everywhere(id)).toEqual(["second", "second", undefined]);
      expect(await us.query("SELECT * FROM replication.leaks()")).toEqual([]);
      await share(id, []);
      await mesh.settle();
      expect(await everywhere(id)).toEqual([undefined, "second", undefined]);
      expect((await log(us, id)).filter(({ op, content }) => op !== "P" && content !== null)).toEqual([]);
      expect(await us.query("SELECT was_here FROM replication.purged WHERE pk = $1", [id])).toEqual([
        { was_here: true },
      ]);
      await rename(eu, id, "third");
      await mesh.settle();
      expect(await everywhere(id)).toEqual([undefined, "third", undefined]);
    },
    perTestMs,
  );

  const share = (id: string, regions: string[]) =>
    eu.query("SELECT replication.set_share('regions.data_subject', $1, $2)", [id, regions]);
});

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

describe("a region that is lost", () => {
  test(
    "leaves its last writes in one survivor, and repair gives them to the other",
    async () => {
      const id = randomUUID();
      mesh.getLink("us-east", "ap-southeast").fail({ kind: "cut" });
      await insertSubject(us, id, "global");
      await until(async () => (await nameOf(eu, id)) === "first");
      await us.kill();
      expect(await nameOf(ap, id)).toBeUndefined();
      expect(await mesh.repair("ap-southeast")).toBeGreaterThan(0);
      expect(await nameOf(ap, id)).toBe("first");
      expect(await mesh.repair("ap-southeast")).toBe(0);
      mend();
      await us.start();
      await mesh.settle();
      expect(await everywhere(id)).toEqual(["first", "first", "first"]);
      expect(await log(ap, id)).toHaveLength(1);
    },
    perTestMs,
  );

  test(
    "comes back with an empty disk under a new life, with its own old rows and what it missed",
    async () => {
      const [own, missed, later] = [randomUUID(), randomUUID(), randomUUID()];
      await insertSubject(us, own, "global");
      await mesh.settle();
      await us.kill();
      await insertSubject(eu, missed, "global");
      await rename(ap, own, "second");
      await mesh.rebuild("us-east");
      expect([await nameOf(us, own), await nameOf(us, missed)]).toEqual(["second", "first"]);
      await insertSubject(us, later, "global");
      await rename(us, own, "third");
      await mesh.settle();
      expect(await everywhere(later)).toEqual(["first", "first", "first"]);
      expect(await everywhere(own)).toEqual(["third", "third", "third"]);
      const origins = await eu.query<{ origin: string }>(
        "SELECT DISTINCT origin FROM replication.change WHERE origin LIKE 'us-east#%'",
      );
      expect(origins).toHaveLength(2);
    },
    perTestMs,
  );
});

afterEach(() => mend());

function cutOff(region: string): void {
  for (const other of mesh.nodes.map(({ member }) => member.region).filter((one) => one !== region)) {
    mesh.getLink(region, other).fail(paused);
    mesh.getLink(other, region).fail(paused);
  }
}

function mend(): void {
  for (const from of mesh.nodes) {
    for (const to of mesh.nodes) {
      if (from !== to) mesh.getLink(from.member.region, to.member.region).fail(undefined);
    }
  }
}

function insertSubject(node: DatabaseNode, id: string, residency: string, pseudonym = "first") {
  return node.query(
    "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', $2, $3, 'US')",
    [id, residency, pseudonym],
  );
}

function rename(node: DatabaseNode, id: string, pseudonym: string) {
  return node.query("UPDATE regions.data_subject SET pseudonym = $2 WHERE id = $1", [id, pseudonym]);
}

async function nameOf(node: DatabaseNode, id: string): Promise<string | undefined> {
  const rows = await node.query<{ pseudonym: string }>(
    "SELECT pseudonym FROM regions.data_subject WHERE id = $1",
    [id],
  );
  return rows[0]?.pseudonym;
}

function everywhere(id: string): Promise<(string | undefined)[]> {
  return Promise.all([us, eu, ap].map((node) => nameOf(node, id)));
}

type Logged = { readonly op: string; readonly content: { readonly pseudonym?: string } | null };

function log(node: DatabaseNode, id: string): Promise<Logged[]> {
  return node.query<Logged>("SELECT op, content FROM replication.change WHERE pk = $1 ORDER BY hlc", [id]);
}

/** As the apply worker does it: every change of the row, a second time. */
function deliverAgain(node: DatabaseNode, id: string): Promise<void> {
  return node.asAdmin(async (client) => {
    await client.query("SET session_replication_role = replica");
    await client.query("INSERT INTO replication.change SELECT * FROM replication.change WHERE pk = $1", [id]);
  });
}

/** Waits for something that must come; a mesh on a busy machine may take its time. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(50)) {
    if (await isTrue()) return;
  }
  throw new Error(`did not come true within 60 s: ${isTrue}`);
}
