/** Moves decisions from the event log to their tables, chain by chain, and tells what is missing in one. */
import type { Logger } from "pino";
import { batchSchema, type DecisionBatch } from "../../../policies/runtime/decisionChain.ts";
import type { Consumer, EventLog, LogRecord } from "../../shared/eventLog/eventLog.ts";
import type { Db, Queries } from "../db.ts";
import { createDecisionTopic, decisionTopic } from "../decisionTopic.ts";
import { judgeBatch } from "../domain/judgeBatch.ts";
import { isDecision, toBundleRow, toDecisionRow, toQuestionRow } from "../domain/toDecisionRows.ts";
import { reportGaps } from "./reportGaps.ts";

type Options = { readonly db: Db; readonly eventLog: EventLog; readonly log: Logger };

export async function startStoringDecisions({ db, eventLog, log }: Options): Promise<Consumer> {
  await createDecisionTopic(eventLog);
  return eventLog.consume({
    groupId: "compliance.decisions",
    topics: [decisionTopic],
    from: "earliest",
    eachBatch: async ({ records, resolveOffset }) => {
      for (const record of records) {
        await storeRecord(db, record, log);
        resolveOffset(record.offset);
      }
    },
    onRetry: (error) => log.warn({ err: error }, "storing decisions broke off and will go on"),
  });
}

/** A record that is none of ours must not stop those behind it; the chain it belonged to then has a gap. */
async function storeRecord(db: Db, { value, offset, partition }: LogRecord, log: Logger): Promise<void> {
  const batch = batchSchema.safeParse(parseJson(value?.toString("utf8") ?? ""));
  if (!batch.success) {
    log.error({ partition, offset }, "a record of decisions cannot be read");
    return;
  }
  const gaps = await db.inTransaction((queries) => storeBatch(queries, batch.data));
  for (const { reason, seq, decisions } of gaps)
    log.error(
      { chain: batch.data.chain.id, reason, seq: String(seq), decisions: String(decisions) },
      "decisions are missing on record",
    );
}

export async function storeBatch(queries: Queries, batch: DecisionBatch) {
  const { chain } = batch;
  const known = await queries.lockChain(chain.id);
  const { fresh, gaps, lastSeq, lastHash } = judgeBatch(known, batch);
  const last = fresh.at(-1);
  if (!last) return [];
  const decisions = fresh.flatMap(({ entry }) => (isDecision(entry) ? [entry] : []));
  const told = new Map(batch.questions.map((question) => [question.id, question]));
  const untold = decisions.map(({ questionId }) => questionId).filter((id) => !told.has(id));
  const stored = new Map(
    (await queries.findDecisionQuestions([...new Set(untold)])).map((question) => [question.id, question]),
  );
  await queries.insertDecisions({
    chain: {
      id: chain.id,
      regionCode: chain.region,
      startedAt: new Date(chain.startedAt),
      lastSeq,
      lastHash,
      lastAt: new Date(last.entry.at),
      endedAt: last.entry.kind === "ended" ? new Date(last.entry.at) : null,
    },
    entries: fresh.map(({ entry: { seq }, text, hash }) => ({ seq, entry: text, hash })),
    records: decisions.map((entry) =>
      toDecisionRow(chain.id, entry, told.get(entry.questionId) ?? toVerdicts(stored.get(entry.questionId))),
    ),
    questions: batch.questions.map(toQuestionRow),
    bundles: batch.bundles.map(toBundleRow),
    gaps: gaps.map((gap) => ({ chainId: chain.id, ...gap })),
  });
  await reportGaps(queries, { id: chain.id, regionCode: chain.region }, gaps, new Date());
  return gaps;
}

/** Of a question whose batch was lost nothing is known; verification then says so. */
function toVerdicts(row: { readonly verdicts: unknown } | undefined) {
  return { verdicts: row ? verdictsSchema.parse(row.verdicts) : [] };
}

const verdictsSchema = batchSchema.shape.questions.element.shape.verdicts;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
