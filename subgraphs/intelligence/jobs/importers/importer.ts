/** What an importer is: where a source's records stand in a file, and which rows one record gives. */
import type { Format } from "./reading/readRecords.ts";

export type Domain = "GEOPOLITICAL" | "ECONOMIC" | "CYBER" | "INFRASTRUCTURE" | "SOCIAL";

export type EntityKind =
  | "ACTOR"
  | "ORGANISATION"
  | "ASSET"
  | "VULNERABILITY"
  | "PLACE"
  | "TECHNIQUE"
  | "MALWARE";

export type Importer = {
  /** What `npm run import` calls it. */
  readonly name: string;
  readonly source: SourceFacts;
  readonly format: Format;
  /**
   * `record`: each record tells when it was last changed. `file`: only the file does, so a newer file's record counts
   * as changed only when something else in it differs.
   */
  readonly dated: "record" | "file";
  /** Made anew for each run: some sources read a record in the light of the one before. */
  readonly createParser: (file: FileFacts) => ParseRecord;
};

/** Pure. Throws a RecordFault for a record that cannot be imported. */
export type ParseRecord = (record: unknown) => ParsedRecord;

export type ParsedRecord = Partial<Rows> & {
  /** The source's own word for this kind of record; the summary counts by it. */
  readonly type: string;
};

export type FileFacts = {
  /** When the file was last changed, by the server or the file system. */
  readonly updatedAt: Date;
  readonly now: Date;
  /** Members of a JSON document that stand before its records. */
  readonly header: Readonly<Record<string, unknown>>;
};

export type SourceFacts = {
  readonly code: string;
  readonly name: string;
  readonly publisher: string;
  readonly domain: Domain;
  readonly licence: string;
  /** Admiralty scale, A (reliable) to F (cannot be judged). */
  readonly reliability: "A" | "B" | "C" | "D" | "E" | "F";
  readonly url: string;
};

/** Rows by table, as db/imports.ts writes them. */
export type Rows = {
  readonly entities: readonly EntityRow[];
  readonly signals: readonly SignalRow[];
  readonly relations: readonly RelationRow[];
  readonly stixObjects: readonly StixObjectRow[];
  readonly indicators: readonly IndicatorRow[];
  readonly observations: readonly ObservationRow[];
};

export type Attributes = Readonly<Record<string, unknown>>;

/** What imported rows have in common: everybody may read them, everywhere. */
type PublicRow = {
  readonly id: string;
  readonly tenant: "public";
  readonly sourceCode: string;
  readonly sourceId: string;
  readonly updatedAt: Date;
};

export type EntityRow = PublicRow & {
  readonly residency: "global";
  readonly kind: EntityKind;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string | null;
  readonly countryCode: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly attributes: Attributes;
};

export type SignalRow = PublicRow & {
  readonly residency: "global";
  readonly marking: "CLEAR";
  readonly domain: Domain;
  readonly kind: string;
  readonly title: string;
  readonly summary: string | null;
  readonly severity: number;
  readonly confidence: number;
  readonly url: string | null;
  readonly countryCode: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly observedAt: Date;
  readonly attributes: Attributes;
  /** The entities it involves; stored with the signal or not at all. */
  readonly entityIds: readonly string[];
  /** Takes the country of this signal when it has none of its own and that one is stored. */
  readonly countryOf?: string;
};

export type RelationRow = PublicRow & {
  readonly kind: string;
  readonly fromEntityId: string;
  readonly toEntityId: string;
  readonly description: string | null;
};

export type StixObjectRow = {
  readonly id: string;
  readonly sourceCode: string;
  readonly sourceId: string;
  readonly type: string;
  readonly name: string | null;
  readonly body: Attributes;
  readonly updatedAt: Date;
};

export type IndicatorRow = {
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  readonly sourceCode: string;
  readonly countryCode: string | null;
};

export type ObservationRow = {
  readonly indicatorCode: string;
  /** First day of the period, YYYY-MM-DD. */
  readonly period: string;
  readonly value: number;
  readonly updatedAt: Date;
};
