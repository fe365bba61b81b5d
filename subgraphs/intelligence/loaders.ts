/** One batch function for each key, made anew for each request. */
import { createArgumentLoader } from "../shared/createArgumentLoader.ts";
import { createListLoader, createLoader } from "../shared/createLoader.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import type { PageRequest } from "../shared/page.ts";
import type { Db } from "./db.ts";
import type { SignalFilter } from "./domain/signalFilter.ts";

export type Loaders = ReturnType<typeof createLoaders>;

/** The tenant bounds whatever belongs to one; lists and counts have what policies let the reader see. */
export function createLoaders(db: Db, reader: Reader) {
  const { tenant } = reader;
  return {
    signal: createLoader(
      (ids) => db.findSignalsById(tenant, ids),
      (signal) => signal.id,
    ),
    entity: createLoader(
      (ids) => db.findEntitiesById(tenant, ids),
      (entity) => entity.id,
    ),
    entitiesOfSignal: createListLoader((ids) => db.findEntitiesOfSignals(tenant, ids), parentOf),
    relationsOfEntity: createArgumentLoader(
      (ids, args: { take: number; kind: string | null }) => db.findRelationsOfEntities(tenant, ids, args),
      parentOf,
    ),
    signalsOfEntity: createArgumentLoader(
      (ids, take: number) => db.findSignalsOfEntities(reader, ids, take),
      parentOf,
    ),
    signalsOfCountry: createArgumentLoader(
      (codes, { filter, page }: { filter: SignalFilter; page: PageRequest }) =>
        db.findSignalsOfCountries(reader, codes, filter, page),
      parentOf,
    ),
    signalCountOfCountry: createArgumentLoader(
      (codes, filter: SignalFilter) => db.countSignalsOfCountries(reader, codes, filter),
      parentOf,
    ),
    sourceByCode: createLoader(db.findSourcesByCode, (source) => source.code),
    sourceById: createLoader(db.findSourcesById, (source) => source.id),
    signalCountOfSource: createLoader((codes) => db.countSignalsOfSources(reader, codes), parentOf),
    lastImportOfSource: createLoader(db.findLastImportRuns, (run) => run.sourceCode),
    connectorsOfSource: createListLoader(db.findConnectorsOfSources, (connector) => connector.sourceCode),
    importRun: createLoader(db.findImportRunsById, (run) => run.id),
    quarantineOfImportRun: createArgumentLoader(db.findQuarantinedRecords, parentOf),
    indicator: createLoader(db.findIndicatorsByCode, (indicator) => indicator.code),
    observationsOfIndicator: createArgumentLoader(db.findObservations, parentOf),
    assessment: createLoader(
      (ids) => db.findAssessmentsById(tenant, ids),
      (assessment) => assessment.id,
    ),
    computedAssessmentOfCountry: createLoader(
      (codes) => db.findComputedAssessmentsOfCountries(tenant, codes),
      (assessment) => assessment.countryCode ?? "",
    ),
    revisionsOfAssessment: createListLoader(db.findRevisions, (revision) => revision.assessmentId),
    fusionResult: createLoader(
      (ids) => db.findFusionResultsById(tenant, ids),
      (result) => result.id,
    ),
    scenario: createLoader(
      (ids) => db.findScenariosById(tenant, ids),
      (scenario) => scenario.id,
    ),
    scenarioRun: createLoader(
      (ids) => db.findScenarioRunsById(tenant, ids),
      (run) => run.id,
    ),
    runsOfScenario: createArgumentLoader(
      (ids, take: number) => db.findRunsOfScenarios(reader, ids, take),
      parentOf,
    ),
    ingestTalliesOfRegion: createListLoader(
      (codes) => db.findIngestTallies(tenant, codes),
      ({ regionCode }) => regionCode,
    ),
    quarantinedSignalsOfRegion: createArgumentLoader(
      (codes, take: number) => db.findQuarantinedSignals(tenant, codes, take),
      parentOf,
    ),
    ingestionOfRegion: createLoader((codes) => db.findIngestionOfRegions(reader, codes), parentOf),
  };
}

function parentOf({ parent }: { readonly parent: string }): string {
  return parent;
}
