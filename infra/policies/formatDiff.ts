/** A diff of policies for people: the operations, callers and coordinates whose outcome changes. */
import type { Answer } from "../../policies/runtime/replayQuestion.ts";
import type { AskedQuestion, PolicyDiff } from "./diffPolicies.ts";

/** Differences of one question that are told one by one. */
const toldMax = 20;

export function formatDiff({
  questions,
  decisions,
  changed,
  failed,
  masked,
  unrecorded,
}: PolicyDiff): string {
  const affected = changed.reduce((total, { question }) => total + question.decisions, 0);
  const lines = [
    `${decisions} decisions on ${questions} questions asked again`,
    changed.length === 0
      ? "no outcome changes"
      : `${changed.length} questions are answered differently (${affected} decisions)`,
  ];
  for (const { question, differences } of changed) {
    lines.push("", describeQuestion(question));
    for (const { coordinate, count, recorded, replayed } of differences.slice(0, toldMax)) {
      const times = count > 1 ? ` × ${count}` : "";
      lines.push(`    ${coordinate}${times}    ${describeAnswer(recorded)}  →  ${describeAnswer(replayed)}`);
    }
    if (differences.length > toldMax) lines.push(`    … and ${differences.length - toldMax} more`);
  }
  if (failed.length > 0) lines.push("", `${failed.length} questions get no answer, which means deny:`);
  for (const { question, problem } of failed) lines.push(`  ${describeQuestion(question)}`, `    ${problem}`);
  if (masked > 0)
    lines.push("", `${masked} questions could not be asked: nothing of them may be kept on record`);
  if (unrecorded.length > 0)
    lines.push(
      "",
      `not on record, and read by the candidate: ${unrecorded.join(", ")}. Outcomes may differ there.`,
    );
  return lines.join("\n");
}

function describeQuestion({ operations, decisions, tenants, callers, input }: AskedQuestion): string {
  const names = operations.length > 0 ? operations.join(", ") : "operations without a name";
  return `  ${names}: ${decisions} decisions of ${callers} callers of ${tenants.join(", ")}, ${describeCaller(input)}`;
}

/** What of a caller the rules read. */
function describeCaller(input: string | null): string {
  const facts: unknown = input === null ? undefined : Reflect.get(Object(JSON.parse(input)), "caller");
  if (typeof facts !== "object" || facts === null) return "nothing of the caller is read";
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`)
    .join(", ");
}

function describeAnswer({ outcome, reason, rule }: Answer): string {
  return [outcome, outcome === "allow" ? "" : reason, rule].filter((part) => part !== "").join(" ");
}
