/** Judgements of risk, the computations behind them, and what-ifs. */
import { getRow } from "../../shared/getRow.ts";
import { getUuid, toGlobalId, toResidencyName } from "../../shared/ids.ts";
import { parseFirst } from "../../shared/page.ts";
import { parseContributions } from "../domain/fusionContributions.ts";
import { riskLevel } from "../domain/riskLevel.ts";
import type {
  FusionResultResolvers,
  RiskAssessmentConnectionResolvers,
  RiskAssessmentResolvers,
  ScenarioResolvers,
  ScenarioRunResolvers,
} from "../generated/resolvers.ts";

export const RiskAssessment: RiskAssessmentResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.assessment.load(getUuid(id, "RiskAssessment")),
  id: ({ residency, id }) => toGlobalId(residency, "RiskAssessment", id),
  residency: ({ residency }) => toResidencyName(residency),
  country: ({ countryCode }) => (countryCode === null ? null : { code: countryCode }),
  level: ({ score }) => riskLevel(score),
  author: ({ authorId, authorResidency }) =>
    authorId === null || authorResidency === null
      ? null
      : { id: toGlobalId(authorResidency, "User", authorId) },
  // A computed assessment that a person revised keeps its link, so that it stays the country's, but is theirs now.
  fusion: ({ fusionResultId, authorId }, _args, { loaders }) =>
    fusionResultId === null || authorId !== null ? null : loaders.fusionResult.load(fusionResultId),
  history: async ({ id }, _args, { loaders }) => [...(await loaders.revisionsOfAssessment.load(id))],
};

export const RiskAssessmentConnection: RiskAssessmentConnectionResolvers = {
  edges: ({ edges }) => [...edges],
  totalCount: ({ totalCount }) => totalCount(),
};

export const FusionResult: FusionResultResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.fusionResult.load(getUuid(id, "FusionResult")),
  id: ({ residency, id }) => toGlobalId(residency, "FusionResult", id),
  residency: ({ residency }) => toResidencyName(residency),
  contributions: ({ contributions }) => parseContributions(contributions),
  signals: async ({ signalIds }, { first }, { loaders }) => {
    const heaviest = signalIds.slice(0, parseFirst(first ?? 10, 50));
    const signals = await Promise.all(heaviest.map((id) => loaders.signal.load(id)));
    return signals.filter((signal) => signal !== null);
  },
};

export const Scenario: ScenarioResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.scenario.load(getUuid(id, "Scenario")),
  id: ({ residency, id }) => toGlobalId(residency, "Scenario", id),
  residency: ({ residency }) => toResidencyName(residency),
  runs: async ({ id }, { first }, { loaders }) => [
    ...(await loaders.runsOfScenario.load(id, parseFirst(first ?? 20, 100))),
  ],
};

export const ScenarioRun: ScenarioRunResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.scenarioRun.load(getUuid(id, "ScenarioRun")),
  id: ({ residency, id }) => toGlobalId(residency, "ScenarioRun", id),
  residency: ({ residency }) => toResidencyName(residency),
  scenario: ({ scenarioId }, _args, { loaders }) => getRow(loaders.scenario, scenarioId),
};
