/** The three questions on the real files, imported into a real database. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWhere } from "../../../../test/support/describeWhere.ts";
import { startDatabase, type TestDatabase } from "../../../../test/support/startDatabase.ts";
import { type Db, openDb } from "../../db.ts";
import { importSource } from "../importSource.ts";
import { findExploitedVendors, findExposedPlants, fuseToneAndGdp } from "./answerQuestions.ts";

describeWhere("../shared/data", "what the real files tell together", (data) => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await startDatabase({ from: "migrated" });
    db = openDb({ url: database.urlOf("intelligence"), applicationName: "atlas-test-show" });
    for (const [source, file] of files) {
      await importSource({
        source,
        location: join(data, file),
        db,
        log: { info: () => undefined },
        regionCode: "us-east",
        now: new Date(),
      });
    }
  }, 180_000);

  afterAll(async () => {
    await db?.close();
    await database?.[Symbol.asyncDispose]();
  });

  test("which plants were exposed to which earthquakes: each once, with what shook it most", async () => {
    const exposed = await findExposedPlants(db);
    expect(exposed.length).toBeGreaterThan(0);
    const intensities = exposed.map(({ intensity }) => intensity);
    expect(intensities).toEqual([...intensities].sort((one, other) => other - one));
    expect(intensities.every((intensity) => intensity >= 4)).toBe(true);
    // Plants are in the US, and so is whatever shook them from near.
    expect(exposed.every(({ earthquake }) => /^M \d/.test(earthquake))).toBe(true);
  });

  test("which vendors carry the most exploited vulnerabilities in assets with techniques", async () => {
    const vendors = await findExploitedVendors(db);
    const counts = vendors.map(({ exploited }) => exploited);
    expect(counts).toEqual([...counts].sort((one, other) => other - one));
    // Counted again from the file itself, for one vendor and one kind of asset.
    const { vulnerabilities } = JSON.parse(await readFile(join(data, "kev.json"), "utf8")) as {
      vulnerabilities: readonly Readonly<Record<string, string>>[];
    };
    const routers = vulnerabilities.filter(
      ({ vendorProject, vulnerabilityName, product, shortDescription }) =>
        vendorProject === "D-Link" &&
        /\brouters?\b/i.test(`${vulnerabilityName} ${product} ${shortDescription}`),
    );
    const dLink = vendors.find(({ vendor }) => vendor === "D-Link");
    expect(dLink?.assets).toContain("Routers");
    expect(dLink?.exploited).toBeGreaterThanOrEqual(routers.length);
    expect(dLink?.techniqueCount).toBeGreaterThan(0);
  });

  test("country risk from tone and GDP: those of which both are known first", async () => {
    const countries = await fuseToneAndGdp(db, new Date());
    expect(countries[0]?.domains).toEqual(expect.arrayContaining(["GEOPOLITICAL", "ECONOMIC"]));
    expect(countries.every(({ score }) => score > 0 && score < 1)).toBe(true);
    expect(new Set(countries.map(({ country }) => country)).size).toBe(countries.length);
  });
});

const files = [
  ["power-plants", "power-plants-us.csv"],
  ["usgs", "usgs-earthquakes.json"],
  ["kev", "kev.json"],
  ["stix", "attack-ics-18.1.stix.json"],
  ["gdelt-events", "gdelt-events.tsv"],
  ["worldbank-gdp", "worldbank-gdp.csv"],
] as const;
