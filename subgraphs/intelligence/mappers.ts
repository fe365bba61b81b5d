/** Which row each graph type resolves from; codegen.ts reads the names. */
import type * as rows from "../../prisma/generated/client.ts";
import type { Connection } from "../shared/page.ts";
import type { EntityRelationRow } from "./db/entities.ts";
import type { IngestionRow } from "./db/sources.ts";
import type { CountryRisk } from "./resolvers/fuseCountry.ts";

export type SignalMapper = rows.Signal;
export type SignalConnectionMapper = Connection<rows.Signal>;
export type SourceMapper = rows.Source;
export type ImportRunMapper = rows.ImportRun;
export type ConnectorMapper = rows.Connector;
export type QuarantinedRecordMapper = rows.QuarantinedRecord;
/** The seven kinds of entity are rows of one table. */
export type EntityMapper = rows.Entity;
export type ActorMapper = rows.Entity;
export type OrganisationMapper = rows.Entity;
export type AssetMapper = rows.Entity;
export type VulnerabilityMapper = rows.Entity;
export type PlaceMapper = rows.Entity;
export type TechniqueMapper = rows.Entity;
export type MalwareMapper = rows.Entity;
export type EntityConnectionMapper = Connection<rows.Entity>;
export type EntityRelationMapper = EntityRelationRow;
export type IndicatorMapper = rows.Indicator;
export type ObservationMapper = rows.Observation;
export type RiskAssessmentMapper = rows.RiskAssessment;
export type RiskAssessmentConnectionMapper = Connection<rows.RiskAssessment>;
export type RiskRevisionMapper = rows.RiskRevision;
export type FusionResultMapper = rows.FusionResult;
export type FusedRiskMapper = CountryRisk;
export type ScenarioMapper = rows.Scenario;
export type ScenarioRunMapper = rows.ScenarioRun;
export type RegionIngestionMapper = IngestionRow;
export type IngestTallyMapper = rows.IngestTally;
export type QuarantinedSignalMapper = rows.QuarantinedSignal;
/** Types of other subgraphs: only their keys are known here. */
export type CountryMapper = { readonly code: string };
export type RegionMapper = { readonly code: string };
