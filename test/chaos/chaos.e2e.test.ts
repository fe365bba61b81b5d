/** One short seeded fault run; the long ones are `npm run chaos`. */
import { beforeAll, expect, test } from "@jest/globals";
import { buildOnce } from "../support/startDatabase.ts";
import { runChaos } from "./runChaos.ts";

beforeAll(buildOnce, 240_000);

test("three regions under faults lose nothing that they acknowledged, agree afterwards, and leak nothing", async () => {
  const report = await runChaos({ seed: 7, durationMs: 5_000 });
  expect(report.violations).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(50);
  expect(report.faults.length).toBeGreaterThan(2);
}, 280_000);
