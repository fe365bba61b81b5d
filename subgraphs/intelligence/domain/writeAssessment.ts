/** Risk assessments: written once, then revised; earlier revisions are kept. */
import { firstFault, refuseLength, refuseRange } from "../../shared/parseInput.ts";
import { refuseControlCharacters, refuseCountryCode } from "./refuseText.ts";

export type NewAssessment = {
  readonly title: string;
  readonly countryCode: string;
  readonly score: number;
  readonly horizonDays: number;
  readonly rationale: string;
};

export type Judgement = {
  readonly score: number;
  readonly rationale: string;
};

export type Author = { readonly id: string; readonly residency: string };

/** Null when it can be stored, otherwise what was expected and what came. */
export function refuseAssessment(assessment: NewAssessment): string | null {
  return firstFault(
    refuseLength("title", assessment.title, 300),
    refuseControlCharacters("title", assessment.title),
    refuseCountryCode(assessment.countryCode),
    refuseRange("horizonDays", assessment.horizonDays, 1, 3_650),
    refuseJudgement(assessment),
  );
}

export function refuseJudgement({ score, rationale }: Judgement): string | null {
  return firstFault(
    refuseRange("score", score, 0, 1),
    refuseLength("rationale", rationale, 10_000),
    refuseControlCharacters("rationale", rationale),
  );
}

/** Null when the writer read the newest revision, otherwise what was expected and what came. */
export function refuseRevision(newest: number, expected: number): string | null {
  if (newest === expected) return null;
  return `expected revision ${newest}, the newest, as the one to revise; got ${expected}: read the assessment again`;
}

/** The revision that follows. `author` is null when a computation writes it. */
export function nextRevision<Assessment extends { readonly revision: number }>(
  assessment: Assessment,
  judgement: Judgement,
  author: Author | null,
  now: Date,
) {
  return {
    ...assessment,
    score: judgement.score,
    rationale: judgement.rationale,
    authorId: author?.id ?? null,
    authorResidency: author?.residency ?? null,
    revision: assessment.revision + 1,
    updatedAt: now,
  };
}
