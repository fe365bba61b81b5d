/**
 * `npm run policy:replay -- <decision id>`: asks what was asked for a decision again, of the bundle of its time, which is
 * kept beside the record. Exit code 2 when an outcome is another one, 1 when it cannot be asked.
 */
import {
  type DecisionReplay,
  parseVerdicts,
  replayDecision,
} from "../../subgraphs/compliance/domain/replayDecision.ts";
import { runCommand } from "../local/commands/runCommand.ts";
import { LaunchError } from "../local/launchError.ts";
import { findDecision, findPackedBundle, type RecordedDecision } from "./findDecision.ts";
import { withRecord } from "./withRecord.ts";

const usage =
  "Expected npm run policy:replay -- <decision id>, the `decisionId` in an error's extensions or of `decisions` in the graph";

await runCommand(async () => {
  const [decisionId, ...others] = process.argv.slice(2);
  if (decisionId === undefined || others.length > 0) throw new LaunchError(usage);
  await withRecord(async (client) => {
    const decisions = await findDecision(client, decisionId);
    if (decisions.length === 0)
      throw new LaunchError(
        `${decisionId} is not on record: allows may be sampled away, and what was just decided takes a moment`,
      );
    for (const decision of decisions) {
      const replay = await replayDecision(decision.asked, (digest) => findPackedBundle(client, digest));
      console.log(formatReplay(decision, replay));
      if (replay.result === "IMPOSSIBLE") process.exitCode = 1;
      else if (replay.result === "DIFFERENT") process.exitCode ??= 2;
    }
  });
});

function formatReplay(decision: RecordedDecision, { result, differences, problem }: DecisionReplay): string {
  const { question, outcome, decidedAt, tenant, region, operation, bundle, entry, asked } = decision;
  const name = operation.name ?? "without a name";
  const revision = bundle.revision || "without a revision";
  const place = entry ? `entry ${entry.position} of chain ${entry.chain}` : "in no chain";
  const objections = parseVerdicts(asked).filter(({ outcome: of }) => of !== "allow");
  return [
    `${question} ${outcome}: ${operation.kind} ${name}, ${decidedAt.toISOString()}, ${tenant} in ${region}, ${place}`,
    ...objections.map(
      ({ coordinate, outcome: of, reason, rule, count }) =>
        `    ${coordinate}${count > 1 ? ` × ${count}` : ""}    ${of} ${reason} ${rule}`,
    ),
    `  asked again of bundle ${revision} (${bundle.digest.slice(0, 12)}): ${result}${problem === null ? "" : `, ${problem}`}`,
    ...differences.map(
      ({ coordinate, recorded, replayed }) => `    ${coordinate}    ${recorded}  →  ${replayed}`,
    ),
  ].join("\n");
}
