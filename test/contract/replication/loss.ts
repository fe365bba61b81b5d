/** A region that is lost, and its return. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  ap,
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

export function tryLoss(): void {
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
}
