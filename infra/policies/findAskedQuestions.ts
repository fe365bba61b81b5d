/** The questions on record, each with who asked it, the most frequent first. */
import type pg from "pg";
import { batchSchema } from "../../policies/runtime/decisionChain.ts";
import type { AskedQuestion } from "./diffPolicies.ts";

type Row = {
  id: string;
  bundle_digest: string;
  entrypoint: string;
  input: string | null;
  masked: string[];
  verdicts: unknown;
  decisions: string;
  operations: (string | null)[];
  tenants: string[];
  callers: string;
};

const verdictsSchema = batchSchema.shape.questions.element.shape.verdicts;

export async function findAskedQuestions(
  client: pg.Client,
  { since, questionsMax }: { readonly since: Date; readonly questionsMax: number },
): Promise<readonly AskedQuestion[]> {
  const { rows } = await client.query<Row>(
    `SELECT q.*, count(*)::text AS decisions, array_agg(DISTINCT r.operation_name) AS operations,
       array_agg(DISTINCT r.tenant) AS tenants, count(DISTINCT r.subject_hash)::text AS callers
     FROM compliance.decision_record r JOIN compliance.decision_question q ON q.id = r.question_id
     WHERE r.decided_at >= $1 GROUP BY q.id ORDER BY count(*) DESC, q.id LIMIT $2`,
    [since, questionsMax],
  );
  return rows.map(({ id, bundle_digest: bundle, entrypoint, input, masked, verdicts, ...asked }) => ({
    id,
    bundle,
    entrypoint,
    input,
    masked,
    verdicts: verdictsSchema.parse(verdicts),
    decisions: Number(asked.decisions),
    operations: asked.operations.filter((name) => name !== null),
    tenants: asked.tenants,
    callers: Number(asked.callers),
  }));
}
