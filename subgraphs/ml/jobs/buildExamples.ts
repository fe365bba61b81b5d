/**
 * Keeps examples up to date with the facts: country by country, from the oldest observation that changed on, and once
 * more whenever a step of the grid is over, since then labels are known that were not before.
 */
import type { Logger } from "pino";
import { type Job, repeatUntilStopped } from "../../shared/repeatUntilStopped.ts";
import type { FactQueries } from "../db/facts.ts";
import type { Db } from "../db.ts";
import {
  buildNewestWindow,
  countrySignals,
  findNeededFrom,
  findTouchedFrom,
  toLastStep,
  type Window,
} from "../domain/examples/countrySignals.ts";
import { toExampleRows } from "../domain/examples/toExampleRows.ts";

type Options = {
  readonly db: Db;
  readonly log: Logger;
  /** How long it rests when nothing is to be built. Default 2,000. */
  readonly pollMs?: number;
  readonly now?: () => Date;
};

export function startBuildingExamples({ db, log, pollMs = 2_000, now = () => new Date() }: Options): Job {
  return repeatUntilStopped(
    async () => ((await buildNext(db, now())) ? 0 : pollMs),
    (error) => {
      log.warn({ err: error }, "building examples broke off and will go on");
      return pollMs;
    },
  );
}

/** One country; false when there is none to build. */
export function buildNext(db: Db, now: Date): Promise<boolean> {
  const until = toLastStep(now);
  return db.transactFacts(async (queries) => {
    const country = await queries.takeStaleCountry(until);
    if (!country) return false;
    const { countryCode, staleFrom, builtUntil } = country;
    const changed = [staleFrom, builtUntil].filter((moment) => moment !== null).map(Number);
    const from = findTouchedFrom(new Date(Math.min(...changed)));
    const facts = await queries.findFacts(countryCode, findNeededFrom(from));
    const rows = toExampleRows(countryCode, facts, { from, until });
    await queries.replaceExamples(countrySignals.dataset, countryCode, from, rows);
    await queries.storeWindow(countryCode, until, await findNewestWindow(queries, countryCode));
    return true;
  });
}

/** Of global signals alone: a prediction is shown in every region. */
async function findNewestWindow(queries: FactQueries, countryCode: string): Promise<Window | undefined> {
  const last = await queries.findLastGlobalFact(countryCode);
  if (!last) return undefined;
  const facts = await queries.findFacts(countryCode, findNeededFrom(last));
  return buildNewestWindow(facts.filter(({ residency }) => residency === "global"));
}
