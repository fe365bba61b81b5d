/**
 * Computes the risk of every country that has signals, as a tenant sees it. A result that is news becomes the next
 * revision of the country's assessment; what a person revised is theirs and stays.
 */
import type { Logger } from "pino";
import { naturalId } from "../../shared/ids.ts";
import { type CountryEvidence, computedMarking } from "../db/assessments.ts";
import type { Db, Queries } from "../db.ts";
import { explainRisk, isNews, titleOf } from "../domain/assessCountry.ts";
import type { FusionSignal } from "../domain/fusion/countOnce.ts";
import { findLastHeard } from "../domain/fusion/decayConfidence.ts";
import { type FusedRisk, fuse } from "../domain/fusion/fuse.ts";
import { originOf } from "../domain/fusion/originOf.ts";
import { parseContributions } from "../domain/fusionContributions.ts";
import { nextRevision } from "../domain/writeAssessment.ts";

export type AssessOptions = {
  readonly db: Db;
  readonly tenant: string;
  readonly now: Date;
  readonly log: Logger;
};

type Outcome = "written" | "revised" | "unchanged" | "overridden";

/** The newest signals of a domain that a country's risk is computed from, at most. */
const signalsMax = 500;

/** The signals that are kept with a result: the heaviest. */
const signalIdsMax = 50;

export async function assessCountries({
  db,
  tenant,
  now,
  log,
}: AssessOptions): Promise<Record<Outcome, number>> {
  const outcomes = { written: 0, revised: 0, unchanged: 0, overridden: 0 };
  const evidence = await db.findEvidence(tenant, signalsMax);
  const lastHeard = findLastHeard(evidence, now);
  for (const [countryCode, signals] of groupByCountry(evidence)) {
    const risk = fuse(signals, lastHeard, { kind: "late" });
    if (risk)
      outcomes[await db.inTransaction((queries) => store(queries, tenant, countryCode, risk, now))] += 1;
  }
  log.info({ tenant, ...outcomes }, "countries assessed");
  return outcomes;
}

function groupByCountry(evidence: readonly CountryEvidence[]): ReadonlyMap<string, readonly FusionSignal[]> {
  const countries = new Map<string, FusionSignal[]>();
  for (const row of evidence) {
    const signal = { ...row, origin: originOf(row) };
    const signals = countries.get(row.countryCode);
    if (signals) signals.push(signal);
    else countries.set(row.countryCode, [signal]);
  }
  return countries;
}

async function store(
  queries: Queries,
  tenant: string,
  countryCode: string,
  risk: FusedRisk,
  now: Date,
): Promise<Outcome> {
  const id = naturalId(tenant, "assessment", "country", countryCode);
  const fusionId = naturalId(tenant, "fusion", "country", countryCode);
  const earlier = await queries.lockAssessment({ tenant, filters: { RiskAssessment: "all" } }, id);
  if (earlier && earlier.authorId !== null) return "overridden";
  const [fusion] = earlier ? await queries.findFusionResultsById(tenant, [fusionId]) : [];
  const seen = fusion && { score: fusion.score, contributions: parseContributions(fusion.contributions) };
  if (seen && !isNews(seen, risk)) return "unchanged";

  await queries.storeFusionResult({
    id: fusionId,
    tenant,
    residency: "global",
    countryCode,
    method: risk.method,
    score: risk.score,
    coverage: risk.coverage,
    contributions: [...risk.contributions],
    signalIds: risk.signals.slice(0, signalIdsMax).map(({ id }) => id),
    computedAt: now,
  });
  const judgement = { score: risk.score, rationale: explainRisk(risk) };
  if (earlier) {
    await queries.replaceAssessment(earlier, nextRevision(earlier, judgement, null, now));
    return "revised";
  }
  await queries.insertAssessment({
    ...judgement,
    id,
    tenant,
    residency: "global",
    title: titleOf(countryCode),
    countryCode,
    horizonDays: 30,
    marking: computedMarking,
    authorId: null,
    authorResidency: null,
    fusionResultId: fusionId,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  });
  return "written";
}
