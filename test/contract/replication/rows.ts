/** How rows travel. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  ap,
  cutOff,
  deliverAgain,
  eu,
  everywhere,
  insertSubject,
  log,
  mend,
  mesh,
  nameOf,
  paused,
  perTestMs,
  rename,
  until,
  us,
} from "./sharedMesh.ts";

export function tryRows(): void {
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
        expect(
          await eu.query("SELECT topic FROM intelligence.outbox WHERE value ->> 'id' = $1", [id]),
        ).toEqual([{ topic: "signals.global.v1" }]);
        expect(await log(eu, id)).toHaveLength(1);
      },
      perTestMs,
    );
  });
}
