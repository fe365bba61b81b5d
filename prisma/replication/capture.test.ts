/** What a write leaves in the change log of one region; what the others make of it: test/contract/replication. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";

type Change = {
  readonly tbl: string;
  readonly pk: string;
  readonly op: string;
  readonly hlc: string;
  readonly base_hlc: string | null;
  readonly residency: string;
  readonly content: Record<string, unknown> | null;
};

let database: TestDatabase;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

describe("a region that is alone", () => {
  test("captures nothing, sends no heartbeat, and waits for nobody", async () => {
    await insertSubject(randomUUID(), "eu");
    await database.query("SELECT replication.wait_for_peers()");
    const [beat] = await database.query<{ beat: boolean }>("SELECT replication.beat() AS beat");
    expect(beat?.beat).toBe(false);
    expect(await changes()).toEqual([]);
  });
});

describe("a region that has joined", () => {
  beforeAll(async () => {
    await database.query("DELETE FROM regions.data_subject");
    await insertSubject("00000000-0000-4000-8000-000000000001", "us");
    await database.query("SELECT replication.join('us-east', 1, '{global,us,br}')");
  });
  beforeEach(async () => {
    await database.query("DELETE FROM replication.change WHERE seq > 1");
  });

  test("has in its log what it held before", async () => {
    expect(await changes()).toEqual([
      expect.objectContaining({ tbl: "regions.data_subject", op: "I", residency: "us", base_hlc: null }),
    ]);
  });

  test("logs each row of a statement with a stamp larger than the one before it", async () => {
    const id = randomUUID();
    await insertSubject(id, "us");
    await database.query("UPDATE regions.data_subject SET pseudonym = 'second' WHERE id = $1", [id]);
    await database.query("DELETE FROM regions.data_subject WHERE id = $1", [id]);
    const [inserted, updated, deleted] = await changes(id);
    expect([inserted?.op, updated?.op, deleted?.op]).toEqual(["I", "U", "D"]);
    expect(updated?.content).toMatchObject({ id, pseudonym: "second", residency: "us" });
    // Of a row that is gone only the key is kept.
    expect(deleted?.content).toEqual({ id });
    expect([updated?.base_hlc, deleted?.base_hlc]).toEqual([inserted?.hlc, updated?.hlc]);
    expect(BigInt(updated?.hlc ?? 0)).toBeGreaterThan(BigInt(inserted?.hlc ?? 0));
  });

  test("stamps a write after a remote one larger, however far the other clock is ahead within the limit", async () => {
    const id = randomUUID();
    await insertSubject(id, "us");
    await database.query("UPDATE replication.head SET hlc = hlc + (50000::bigint << 16) WHERE pk = $1", [id]);
    const [remote] = await database.query<{ hlc: string }>("SELECT hlc FROM replication.head WHERE pk = $1", [
      id,
    ]);
    await database.query("UPDATE regions.data_subject SET pseudonym = 'later' WHERE id = $1", [id]);
    expect(BigInt((await changes(id)).at(-1)?.hlc ?? 0)).toBe(BigInt(remote?.hlc ?? 0) + 1n);
  });

  test("refuses a write upon a version that is stamped far in the future, and says by how much", async () => {
    const id = randomUUID();
    await insertSubject(id, "us");
    await database.query("UPDATE replication.head SET hlc = hlc + (600000::bigint << 16) WHERE pk = $1", [
      id,
    ]);
    const refused = database.query("UPDATE regions.data_subject SET pseudonym = 'no' WHERE id = $1", [id]);
    await expect(refused).rejects.toMatchObject({
      code: "ATR03",
      message: expect.stringMatching(
        /at most 60000 ms ahead of the clock; it is 5\d{5} ms ahead: a clock is wrong/,
      ),
    });
  });

  test("logs an upsert once for each row, inserted or updated", async () => {
    const [known, fresh] = [randomUUID(), randomUUID()];
    await insertSubject(known, "us");
    await database.query(
      `INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code)
       VALUES ($1, 'acme', 'us', 'again', 'US'), ($2, 'acme', 'us', 'again', 'US')
       ON CONFLICT (id) DO UPDATE SET pseudonym = excluded.pseudonym`,
      [known, fresh],
    );
    expect((await changes(known)).map(({ op }) => op)).toEqual(["I", "U"]);
    expect((await changes(fresh)).map(({ op }) => op)).toEqual(["I"]);
  });

  test("takes a row whose key is changed for one that went and one that came", async () => {
    const [before, after] = [randomUUID(), randomUUID()];
    await insertSubject(before, "us");
    await database.query("UPDATE regions.data_subject SET id = $2 WHERE id = $1", [before, after]);
    expect((await changes(before)).map(({ op }) => op)).toEqual(["I", "D"]);
    expect((await changes(after)).map(({ op }) => op)).toEqual(["U"]);
  });

  test("gives a child its parent's residency, and keeps one without a parent here", async () => {
    const assessment = randomUUID();
    await database.query(
      `INSERT INTO intelligence.risk_assessment (id, tenant, residency, title, score, horizon_days, rationale, marking, revision, created_at, updated_at)
       VALUES ($1, 'acme', 'br', 't', 0.5, 30, 'r', 'GREEN', 1, now(), now())`,
      [assessment],
    );
    const revise = (id: string) =>
      database.query(
        "INSERT INTO intelligence.risk_revision (assessment_id, revision, score, rationale, written_at) VALUES ($1, 1, 0.5, 'r', now())",
        [id],
      );
    await revise(assessment);
    await revise(randomUUID());
    const revisions = (await changes()).filter(({ tbl }) => tbl === "intelligence.risk_revision");
    expect(revisions.map(({ residency }) => residency)).toEqual(["br", "here"]);
  });

  test("refuses a row that it may not hold", async () => {
    await expect(insertSubject(randomUUID(), "eu")).rejects.toMatchObject({
      code: "ATR02",
      message:
        "expected a row of regions.data_subject with a residency among global, us, br, which us-east may hold; it has another",
    });
    expect(await database.query("SELECT * FROM replication.leaks()")).toEqual([]);
  });

  test("refuses to move a row by updating its residency", async () => {
    const id = randomUUID();
    await insertSubject(id, "us");
    await expect(
      database.query("UPDATE regions.data_subject SET residency = 'global' WHERE id = $1", [id]),
    ).rejects.toMatchObject({ code: "ATR01" });
  });

  test("finds a row that got to where it must not be by another way", async () => {
    const id = randomUUID();
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    await client.query("SET session_replication_role = replica");
    await client.query(
      "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', 'eu', 'p', 'EU')",
      [id],
    );
    await client.end();
    expect(await database.query("SELECT * FROM replication.leaks()")).toEqual([
      { place: "regions.data_subject", residency: "eu", rows: "1" },
    ]);
    const let_go = await database.query<{ gone: string }>("SELECT replication.let_go() AS gone");
    // Nothing says where it belongs to, as it has no head: let_go leaves it to a person.
    expect(let_go[0]?.gone).toBe("0");
  });

  test("refuses a durable write while no other region takes copies, and lets others be written", async () => {
    const client = new pg.Client({ connectionString: database.urlOf("regions") });
    await client.connect();
    try {
      await client.query("BEGIN");
      await expect(client.query("SELECT replication.wait_for_peers()")).rejects.toMatchObject({
        code: "ATR04",
      });
      await client.query("ROLLBACK");
      await client.query("UPDATE regions.data_subject SET pseudonym = 'x' WHERE id = $1", [
        "00000000-0000-4000-8000-000000000001",
      ]);
    } finally {
      await client.end();
    }
  });

  test("refuses resident data without a standby inside the jurisdiction, unless that was waived", async () => {
    const waive = (kind: string) =>
      database.query(
        "INSERT INTO replication.waiver (region, class, reason, started_at, signature) VALUES ('us-east', $1, 'test', now(), 's')",
        [kind],
      );
    const client = new pg.Client({ connectionString: database.urlOf("regions") });
    await client.connect();
    const write = async () => {
      await client.query("BEGIN");
      try {
        await client.query("SELECT replication.wait_for_peers()");
        await client.query(
          "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', 'us', 'p', 'US')",
          [randomUUID()],
        );
      } finally {
        await client.query("ROLLBACK");
      }
    };
    try {
      await waive("GLOBAL");
      await expect(write()).rejects.toMatchObject({
        code: "ATR04",
        message:
          "expected the standby inside the jurisdiction to be there (none is configured); it is not, and no waiver is open",
      });
      await waive("RESIDENT");
      await write();
    } finally {
      await client.end();
      await database.query("DELETE FROM replication.waiver");
    }
  });

  test.each(["regions", "intelligence", "ml", "compliance", "mobile"] as const)(
    "keeps the log from the role of %s, which fills it all the same",
    async (subgraph) => {
      const client = new pg.Client({ connectionString: database.urlOf(subgraph) });
      await client.connect();
      try {
        for (const sql of [
          "SELECT FROM replication.change",
          "INSERT INTO replication.head VALUES ('x', gen_random_uuid(), 1, 'x', null, null, 'x', '{}', false)",
          "SELECT replication.record(NULL, 'I', '{}')",
          "SELECT replication.join('x', 1, '{global}')",
          "SET session_replication_role = replica",
        ]) {
          await expect(client.query(sql)).rejects.toMatchObject({ code: "42501" });
        }
      } finally {
        await client.end();
      }
    },
  );

  test("forgets old versions and tombstones, and never the newest version of a row", async () => {
    const [kept, deleted] = [randomUUID(), randomUUID()];
    for (const id of [kept, deleted]) await insertSubject(id, "us");
    await database.query("UPDATE regions.data_subject SET pseudonym = 'newest' WHERE id = $1", [kept]);
    await database.query("DELETE FROM regions.data_subject WHERE id = $1", [deleted]);
    await database.query("SELECT replication.compact('-1 minute')");
    expect((await changes(kept)).map(({ content }) => content?.pseudonym)).toEqual(["newest"]);
    expect(await changes(deleted)).toEqual([]);
    expect(await database.query("SELECT FROM replication.head WHERE pk = $1", [deleted])).toEqual([]);
  });
});

function insertSubject(id: string, residency: string) {
  return database.query(
    "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', $2, 'first', 'US')",
    [id, residency],
  );
}

function changes(id?: string): Promise<Change[]> {
  return database.query<Change>("SELECT * FROM replication.change WHERE pk = coalesce($1, pk) ORDER BY seq", [
    id ?? null,
  ]);
}
