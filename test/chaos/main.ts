/** `npm run chaos -- --seed N --runs N [--seconds N]`: seeded fault runs; exit code 1 on any violation. */
import { parseArgs } from "node:util";
import { runChaos } from "./runChaos.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1" },
    seconds: { type: "string", default: "12" },
  },
});
const [seed, runs, seconds] = [values.seed, values.runs, values.seconds].map(Number) as [
  number,
  number,
  number,
];
if (![seed, runs, seconds].every((value) => Number.isInteger(value) && value > 0)) {
  console.error("expected whole numbers above 0: --seed N --runs N --seconds N");
  process.exit(2);
}

let failed = 0;
for (let run = 0; run < runs; run += 1) {
  const startedAt = performance.now();
  try {
    const report = await runChaos({ seed: seed + run, durationMs: seconds * 1_000 });
    const {
      acknowledged,
      unknown,
      refused,
      faults,
      conflicts,
      quarantined,
      lostWithDisk,
      convergedMs,
      violations,
    } = report;
    console.log(
      `seed ${seed + run}: ${acknowledged} acknowledged, ${unknown} unknown, refused ${JSON.stringify(refused)}, ${faults.length} faults, ` +
        `${conflicts} conflicts, ${quarantined} set aside, ${lostWithDisk} of class local lost with a disk, ` +
        `converged in ${(convergedMs / 1_000).toFixed(1)} s, ${violations.length} violations (${((performance.now() - startedAt) / 1_000).toFixed(0)} s)`,
    );
    if (violations.length === 0) continue;
    failed += 1;
    for (const text of [...violations.slice(0, 20), "faults:", ...faults]) console.log(`  ${text}`);
  } catch (error) {
    failed += 1;
    console.log(
      `seed ${seed + run}: failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}
console.log(failed === 0 ? `\n${runs} runs, 0 violations` : `\n${failed} of ${runs} runs failed`);
process.exitCode = failed === 0 ? 0 : 1;
