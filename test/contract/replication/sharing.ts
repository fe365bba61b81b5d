/** Rows that a consent lets other regions hold. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { eu, everywhere, insertSubject, log, mesh, perTestMs, rename, us } from "./sharedMesh.ts";

export function trySharing(): void {
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
}
