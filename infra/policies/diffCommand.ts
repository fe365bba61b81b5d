/**
 * `npm run policy:diff -- <bundle> [--days 7]`: asks a candidate what callers really asked, and tells whose outcome
 * changes. The record is that of the local region, or of DATABASE_URL. Exit code 2 when an outcome changes.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { loadPolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { PolicyError } from "../../policies/runtime/policyError.ts";
import { runCommand } from "../local/commands/runCommand.ts";
import { LaunchError } from "../local/launchError.ts";
import { diffPolicies } from "./diffPolicies.ts";
import { findAskedQuestions } from "./findAskedQuestions.ts";
import { formatDiff } from "./formatDiff.ts";
import { withRecord } from "./withRecord.ts";

const usage = "Expected npm run policy:diff -- <bundle> [--days <how far back>]";
const questionsMax = 100_000;
const dayMs = 86_400_000;

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [path] = positionals;
  const days = Number(values.days);
  if (path === undefined || !(days > 0)) throw new LaunchError(usage);
  const candidate = await open(path);
  const since = new Date(Date.now() - days * dayMs);
  const asked = await withRecord((client) => findAskedQuestions(client, { since, questionsMax }));
  const diff = await diffPolicies(candidate, asked);
  console.log(formatDiff(diff));
  if (diff.changed.length + diff.failed.length > 0) process.exitCode = 2;
});

/** Nobody is served by a candidate, so it need not be signed. */
async function open(path: string) {
  await readFile(path).catch(() => {
    throw new LaunchError(`${path} cannot be read`);
  });
  return loadPolicyBundle(path, { trust: { kind: "unsigned" } }).catch((thrown: unknown) => {
    if (thrown instanceof PolicyError) throw new LaunchError(`${path}: ${thrown.message}`);
    throw thrown;
  });
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { days: { type: "string", default: "7" } } });
  } catch {
    throw new LaunchError(usage);
  }
}
