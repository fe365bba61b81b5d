/**
 * Computes the risk of every country that has signals, as a tenant sees it. A result that is news becomes the next
 * revision of the country's assessment; what a person revised is theirs and stays.
 */
import type { Logger } from "pino";
import { naturalId } from "../../shared/ids.ts";
import type { CountryEvidence } from "../db/assessments.ts";
import type { Db, Queries } from "../db.ts";
import { explainRisk, isNews, titleOf } from "../domain/assessCountry.ts";
import { parseContributions } from "../domain/fusionContributions.ts";
import {
  type Evidence,
  type FusedRisk,
  findLastHeard,
  fusionMethod,
  scoreRisk,
} from "../domain/scoreRisk.ts";
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
    const risk = scoreRisk(signals, lastHeard);
    if (risk)
      outcomes[await db.inTransaction((queries) => store(queries, tenant, countryCode, risk, now))] += 1;
  }
  log.info({ tenant, ...outcomes }, "countries assessed");
  return outcomes;
}

function groupByCountry(evidence: readonly CountryEvidence[]): ReadonlyMap<string, readonly Evidence[]> {
  const countries = new Map<string, Evidence[]>();
  for (const signal of evidence) {
    const signals = countries.get(signal.countryCode);
    if (signals) signals.push(signal);
    else countries.set(signal.countryCode, [signal]);
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
  const earlier = await queries.lockAssessment(tenant, id);
  if (earlier && earlier.authorId !== null) return "overridden";
  const [fusion] = earlier ? await queries.findFusionResultsById(tenant, [fusionId]) : [];
  const seen = fusion && { score: fusion.score, contributions: parseContributions(fusion.contributions) };
  if (seen && !isNews(seen, risk)) return "unchanged";

  await queries.storeFusionResult({
    id: fusionId,
    tenant,
    residency: "global",
    countryCode,
    method: fusionMethod,
    score: risk.score,
    coverage: risk.coverage,
    contributions: [...risk.contributions],
    signalIds: [...risk.signalIds],
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
    marking: "GREEN",
    authorId: null,
    authorResidency: null,
    fusionResultId: fusionId,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  });
  return "written";
}
