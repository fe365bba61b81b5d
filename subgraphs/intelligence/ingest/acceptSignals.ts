/** Makes records durable: the outbox in one transaction, which requests that come at once share, and only then the answer. */
import { newId } from "../../shared/ids.ts";
import type { IngestDb, OutboxMessage, QuarantinedSignal, Tally } from "../db/ingest.ts";
import type { VersionedRecord } from "./cloudEvent.ts";
import { groupWrites } from "./groupWrites.ts";
import { type IngestSignal, toKey } from "./ingestSignal.ts";
import { ingestTopicOf } from "./ingestTopics.ts";
import { parseSignal } from "./parseSignal.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { SourceLimits } from "./sourceLimits.ts";

export type AcceptSignals = (
  tenant: string,
  records: readonly (VersionedRecord | Refusal)[],
) => Promise<readonly (Accepted | Refusal)[]>;

export type Accepted = { readonly kind: "accepted"; readonly signal: IngestSignal };

type Options = {
  readonly db: Pick<IngestDb, "accept" | "findSourceCodes">;
  readonly limits: SourceLimits;
  readonly now?: () => Date;
};

/** A transaction of this many rows is large enough to be cheap and small enough to be quick. */
const batchMessagesMax = 2_000;
/** Of a refused record; enough to recognise it. */
const keptCharsMax = 2_000;
/** Whoever sends nothing but faults must not fill the disk: above this many an hour they are counted and not kept. */
const keptPerHourMax = 10_000;
/** How often an unknown source makes us look whether it is there by now. */
const lookAgainMs = 1_000;

type Part = {
  readonly messages: readonly OutboxMessage[];
  readonly quarantined: readonly QuarantinedSignal[];
  readonly tallies: readonly Tally[];
};

export function createAcceptSignals({ db, limits, now = () => new Date() }: Options): AcceptSignals {
  const findSource = createSourceLookup(db.findSourceCodes);
  const mayKeep = createHourlyLimit(now);
  const write = groupWrites<Part>({
    write: (parts) =>
      db.accept(
        parts.flatMap(({ messages }) => messages),
        parts.flatMap(({ quarantined }) => quarantined),
        parts.flatMap(({ tallies }) => tallies),
      ),
    sizeOf: ({ messages }) => messages.length,
    sizeMax: batchMessagesMax,
  });

  return async (tenant, records) => {
    const at = now();
    const results: (Accepted | Refusal)[] = [];
    const messages: OutboxMessage[] = [];
    const quarantined: QuarantinedSignal[] = [];
    const tallies = new Map<string, Tally>();
    for (const record of records) {
      const result = await admit(tenant, record, at);
      results.push(result);
      if (result.kind === "accepted") {
        const { signal } = result;
        messages.push({
          topic: ingestTopicOf(signal.residency),
          key: toKey(signal),
          value: JSON.stringify(signal),
        });
        continue;
      }
      const sourceCode = await knownSourceOf(record);
      const outcome = result.reason === "SOURCE_FLOODS" ? "capped" : "quarantined";
      count(tallies, { tenant, sourceCode: sourceCode ?? "", outcome, reason: result.reason });
      if (outcome === "quarantined" && mayKeep(tenant))
        quarantined.push(toQuarantined(tenant, sourceCode, record, result));
    }
    if (messages.length + tallies.size > 0)
      await write({ messages, quarantined, tallies: [...tallies.values()] });
    return results;
  };

  async function admit(
    tenant: string,
    record: VersionedRecord | Refusal,
    at: Date,
  ): Promise<Accepted | Refusal> {
    if (record.kind === "refused") return record;
    const parsed = parseSignal(record.version, record.record, { tenant, now: at });
    if (parsed.kind === "refused") return parsed;
    const { signal } = parsed;
    if (!(await findSource(signal.sourceCode))) {
      return refuse(
        "SOURCE_UNKNOWN",
        `expected the code of a source that is known here; got ${JSON.stringify(signal.sourceCode)}`,
      );
    }
    if (limits.take(tenant, signal.sourceCode)) return { kind: "accepted", signal };
    return refuse("SOURCE_FLOODS", `expected fewer records a second of ${signal.sourceCode}; got more`);
  }

  /** Of a refused record, if it can be told. */
  async function knownSourceOf(record: VersionedRecord | Refusal): Promise<string | null> {
    const told = record.kind === "record" && isObject(record.record) ? record.record.source : null;
    return typeof told === "string" && (await findSource(told)) ? told : null;
  }
}

export function count(tallies: Map<string, Tally>, one: Omit<Tally, "count">): void {
  const key = JSON.stringify([one.tenant, one.sourceCode, one.outcome, one.reason]);
  tallies.set(key, { ...one, count: (tallies.get(key)?.count ?? 0) + 1 });
}

function toQuarantined(
  tenant: string,
  sourceCode: string | null,
  record: VersionedRecord | Refusal,
  { reason, message }: Refusal,
): QuarantinedSignal {
  const text = record.kind === "record" ? (JSON.stringify(record.record) ?? "") : "";
  return {
    id: newId(),
    tenant,
    sourceCode,
    reason,
    // PostgreSQL stores every character but this one, which JSON writes out.
    message: message.replaceAll("\0", "\\u0000"),
    record: text.slice(0, keptCharsMax),
  };
}

function createSourceLookup(findSourceCodes: () => Promise<readonly string[]>) {
  let known: ReadonlySet<string> = new Set();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    try {
      known = new Set(await findSourceCodes());
      lookedAt = performance.now();
    } finally {
      looking = undefined;
    }
  }

  return async (code: string): Promise<boolean> => {
    if (known.has(code)) return true;
    if (looking === undefined && performance.now() - lookedAt < lookAgainMs) return false;
    // Whoever comes while somebody looks waits for the same answer.
    looking ??= look();
    await looking;
    return known.has(code);
  };
}

function createHourlyLimit(now: () => Date): (tenant: string) => boolean {
  let hour = 0;
  let kept = new Map<string, number>();
  return (tenant) => {
    const current = Math.floor(now().getTime() / 3_600_000);
    if (current !== hour) [hour, kept] = [current, new Map()];
    const already = kept.get(tenant) ?? 0;
    kept.set(tenant, already + 1);
    return already < keptPerHourMax;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
