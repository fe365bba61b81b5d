/** The README's first query, through a whole region of real processes. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { describeWhere } from "../../support/describeWhere.ts";
import { readFirstAnswer, readFirstQuery } from "../../support/readFirstQuery.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";

const query = readFirstQuery();
/** The demonstration user whom the README signs in. */
const analyst = { sub: "analyst", tenant: "acme" };

describe("the README's first query", () => {
  const disposer = createDisposer();
  let region: Region;
  beforeAll(async () => {
    region = disposer.use(await startRegion());
  }, 120_000);
  afterAll(async () => disposer[Symbol.asyncDispose]());

  test("costs the same few statements however often it is asked", async () => {
    await region.query(query, {}, analyst);
    const { result, count } = await region.database.countStatements(() => region.query(query, {}, analyst));
    const again = await region.database.countStatements(() => region.query(query, {}, analyst));
    expect(result.errors).toBeUndefined();
    expect(count).toBe(again.count);
    // One for each relation that it crosses. A higher number is an N+1, or a query that asks for more than before.
    expect(count).toBeLessThanOrEqual(20);
  });

  test.each([
    [
      "anonymous",
      "countries(first: 300) { edges { node { jurisdiction { countries(first: 300) { edges { node { name } } } } } } }",
    ],
    [
      "an analyst",
      "signals(first: 100) { edges { node { entities { signals(first: 100) { entities { signals(first: 100) { id } } } } } } }",
    ],
  ])("of lists in lists is refused before a subgraph is asked, for %s", async (who, nested) => {
    const { result, count } = await region.database.countStatements(() =>
      region.query(`{ ${nested} }`, {}, who === "anonymous" ? "anonymous" : analyst),
    );
    expect(result.status).toBe(400);
    expect(result.errors?.map(({ extensions }) => extensions?.code)).toEqual(["OPERATION_TOO_COSTLY"]);
    expect(count).toBe(0);
  });

  test("gives an anonymous caller the public part, and names what was denied", async () => {
    const { status, data, errors } = await region.query<{ country: { name: string; risk: unknown } }>(query);
    expect(status).toBe(200);
    expect(data?.country.name).toBe("United States");
    expect(data?.country.risk).toBeNull();
    expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(
      new Set(["UNAUTHORIZED_FIELD_OR_TYPE"]),
    );
    expect(errors?.map(({ path }) => path?.join("."))).toEqual(
      expect.arrayContaining(["country.earthquakes", "country.events", "country.risk", "exploited"]),
    );
  });
});

describeWhere("../shared/data", "the README's first query over the files of the data folder", () => {
  const disposer = createDisposer();
  afterAll(async () => disposer[Symbol.asyncDispose]());

  test("answers what the README prints", async () => {
    const region = disposer.use(await startRegion("files"));
    const { data, errors } = await region.query(query, {}, analyst);
    expect(errors).toBeUndefined();
    expect(forgetProbability(data)).toEqual(forgetProbability(readFirstAnswer().data));
  }, 180_000);
});

/** Of a model that is trained at the first start, on what was observed until then: the number moves with the months. */
function forgetProbability(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (key, value) =>
    key === "probability" && typeof value === "number" && value > 0 && value < 1 ? "a probability" : value,
  );
}
