/** The decisions on one operation, as the record has them, each with the question that was asked. */
import type pg from "pg";
import type { StoredQuestion } from "../../subgraphs/compliance/domain/replayDecision.ts";

export type RecordedDecision = {
  readonly question: string;
  readonly outcome: string;
  readonly decidedAt: Date;
  readonly tenant: string;
  readonly region: string;
  readonly operation: { readonly kind: string; readonly name: string | null };
  readonly bundle: { readonly digest: string; readonly revision: string };
  /** Its place in its chain; null for one from before there were chains. */
  readonly entry: { readonly chain: string; readonly position: string } | null;
  /** Null for a decision from before questions were kept. */
  readonly asked: StoredQuestion | null;
};

type Row = {
  question: string;
  outcome: string;
  decided_at: Date;
  tenant: string;
  region_code: string;
  operation_kind: string;
  operation_name: string | null;
  bundle_digest: string;
  bundle_revision: string;
  chain_id: string | null;
  seq: string;
  asked_bundle: string | null;
  entrypoint: string | null;
  input: string | null;
  verdicts: unknown;
};

/** In the order in which they were made; none for an id that is not on record. */
export async function findDecision(
  client: pg.Client,
  decisionId: string,
): Promise<readonly RecordedDecision[]> {
  const { rows } = await client.query<Row>(
    `SELECT r.question, r.outcome, r.decided_at, r.tenant, r.region_code, r.operation_kind, r.operation_name,
       r.bundle_digest, r.bundle_revision, r.chain_id, r.seq::text, q.bundle_digest AS asked_bundle, q.entrypoint, q.input,
       q.verdicts
     FROM compliance.decision_record r LEFT JOIN compliance.decision_question q ON q.id = r.question_id
     WHERE r.decision_id = $1 ORDER BY r.sequence, r.seq`,
    [decisionId],
  );
  return rows.map((row) => ({
    question: row.question,
    outcome: row.outcome,
    decidedAt: row.decided_at,
    tenant: row.tenant,
    region: row.region_code,
    operation: { kind: row.operation_kind, name: row.operation_name },
    bundle: { digest: row.bundle_digest, revision: row.bundle_revision },
    entry: row.chain_id === null ? null : { chain: row.chain_id, position: row.seq },
    asked:
      row.asked_bundle === null || row.entrypoint === null
        ? null
        : {
            bundleDigest: row.asked_bundle,
            entrypoint: row.entrypoint,
            input: row.input,
            verdicts: row.verdicts,
          },
  }));
}

/** The file of a bundle that decided something; kept beside the decisions for as long as they are. */
export async function findPackedBundle(client: pg.Client, digest: string): Promise<Uint8Array | undefined> {
  const { rows } = await client.query<{ packed: Uint8Array }>(
    "SELECT packed FROM compliance.policy_bundle WHERE digest = $1",
    [digest],
  );
  return rows[0]?.packed;
}
