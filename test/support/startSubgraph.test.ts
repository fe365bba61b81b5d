import { describe, expect, test } from "@jest/globals";
import { compiled } from "../../infra/local/paths.ts";
import { startDatabase } from "./startDatabase.ts";
import { startPart } from "./startPart.ts";
import { startSubgraph } from "./startSubgraph.ts";

describe("startSubgraph", () => {
  test("serves a real process over a database of its own, whose statements are counted", async () => {
    await using database = await startDatabase({ from: "migrated" });
    await using regions = await startSubgraph("regions", database);
    const { result, count } = await database.countStatements(() => regions.query("{ regions { code } }"));
    expect(result).toMatchObject({ status: 200, data: { regions: [] } });
    expect(count).toBe(1);
  });

  test("says what the process said when it does not start", async () => {
    const script = compiled("subgraphs/regions/main.js");
    const started = startPart({ name: "regions", script, env: {}, health: "http://127.0.0.1:1/" });
    await expect(started).rejects.toThrow(/regions ended while starting\. It said:.*DATABASE_URL/s);
  });
});
