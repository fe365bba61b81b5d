/**
 * Keeps the facts that examples are built from: reads what the event log says of signals, as a group of its own, and keeps
 * those that belong to everybody and are about a country. A tenant's own signals teach no model that others are answered by.
 */
import type { Logger } from "pino";
import { z } from "zod";
import type { Consumer, EventLog, LogRecord } from "../../shared/eventLog/eventLog.ts";
import { createSignalTopics, signalChangeTopics, signalTopics } from "../../shared/eventLog/signalTopics.ts";
import { keepTrying } from "../../shared/keepTrying.ts";
import type { Job } from "../../shared/repeatUntilStopped.ts";
import type { FactRow } from "../db/facts.ts";
import type { Db } from "../db.ts";

type Options = { readonly db: Db; readonly eventLog: EventLog; readonly log: Logger };

const signal = z.object({
  id: z.uuid(),
  tenant: z.string(),
  residency: z.string(),
  domain: z.string(),
  countryCode: z.string().nullable(),
  severity: z.number().min(0).max(1),
  observedAt: z.iso.datetime().transform((moment) => new Date(moment)),
});
const change = z.discriminatedUnion("gone", [
  z.object({ gone: z.literal(true), id: z.uuid() }),
  signal.extend({ gone: z.literal(false) }),
]);

/** The log may be away when the process starts; what is said meanwhile waits in it. */
export function keepFollowingSignals(options: Options): Job {
  const following = keepTrying(
    () => startFollowingSignals(options),
    (error) => options.log.warn({ err: error }, "signals cannot be followed yet; trying again"),
  );
  return { stop: async () => await (await following.stop())?.stop() };
}

export async function startFollowingSignals({ db, eventLog, log }: Options): Promise<Consumer> {
  await createSignalTopics(eventLog);
  return eventLog.consume({
    groupId: "ml.facts",
    topics: [...signalTopics, ...signalChangeTopics],
    from: "earliest",
    eachBatch: ({ topic, records }) =>
      signalTopics.includes(topic) ? storeInserted(db, records, log) : storeChanged(db, records, log),
    onRetry: (error) => log.warn({ err: error }, "following signals broke off and will go on"),
  });
}

async function storeInserted(db: Db, records: readonly LogRecord[], log: Logger): Promise<void> {
  const facts = records.flatMap((record) => {
    const event = parseRecord(signal, record, log);
    return event ? toFacts(event) : [];
  });
  if (facts.length > 0) await db.transactFacts((queries) => queries.insertFacts(facts));
}

/** One by one: two changes of one signal may stand in one batch. */
async function storeChanged(db: Db, records: readonly LogRecord[], log: Logger): Promise<void> {
  for (const record of records) {
    const event = parseRecord(change, record, log);
    if (!event) continue;
    const [fact] = event.gone ? [] : toFacts(event);
    await db.transactFacts((queries) =>
      fact ? queries.replaceFact(fact) : queries.forgetFact(event.id, residencyOf(record.topic)),
    );
  }
}

function toFacts({ tenant, countryCode, ...event }: z.infer<typeof signal>): readonly FactRow[] {
  if (tenant !== "public" || countryCode === null) return [];
  const { id, residency, domain, severity, observedAt } = event;
  return [{ id, residency, countryCode, domain, severity, observedAt }];
}

function residencyOf(topic: string): string {
  return topic.split(".")[1] ?? "global";
}

/** A record that is none of ours must not stop those behind it. */
function parseRecord<Event>(schema: z.ZodType<Event>, record: LogRecord, log: Logger): Event | undefined {
  const parsed = schema.safeParse(parseJson(record.value?.toString("utf8") ?? ""));
  if (parsed.success) return parsed.data;
  const { topic, partition, offset } = record;
  log.error({ topic, partition, offset }, "a record about a signal cannot be read and was skipped");
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
