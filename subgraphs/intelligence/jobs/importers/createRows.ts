/** Completes the rows of one source with what all imported rows have: ids from natural keys, tenant, residency. */
import { naturalId } from "../../../shared/ids.ts";
import type { EntityRow, RelationRow, SignalRow, StixObjectRow } from "./importer.ts";

/** An entity as an importer knows it; what it leaves out is unknown. */
type Entity = Pick<EntityRow, "sourceId" | "kind" | "name" | "updatedAt"> &
  Partial<
    Pick<EntityRow, "aliases" | "description" | "countryCode" | "latitude" | "longitude" | "attributes">
  >;

type Signal = Pick<
  SignalRow,
  "sourceId" | "domain" | "kind" | "title" | "severity" | "confidence" | "observedAt" | "updatedAt"
> &
  Partial<
    Pick<
      SignalRow,
      "summary" | "url" | "countryCode" | "latitude" | "longitude" | "attributes" | "entityIds" | "countryOf"
    >
  >;

type Relation = Pick<RelationRow, "sourceId" | "kind" | "fromEntityId" | "toEntityId" | "updatedAt"> &
  Partial<Pick<RelationRow, "description">>;

export function createRows(sourceCode: string) {
  const entityId = (sourceId: string): string => naturalId("public", "entity", sourceCode, sourceId);
  return {
    entityId,

    entity: (entity: Entity): EntityRow => ({
      id: entityId(entity.sourceId),
      tenant: "public",
      residency: "global",
      sourceCode,
      aliases: [],
      description: null,
      countryCode: null,
      latitude: null,
      longitude: null,
      attributes: {},
      ...entity,
    }),

    signal: (signal: Signal): SignalRow => ({
      id: signalId(sourceCode, signal.sourceId),
      tenant: "public",
      residency: "global",
      marking: "CLEAR",
      sourceCode,
      summary: null,
      url: null,
      countryCode: null,
      latitude: null,
      longitude: null,
      attributes: {},
      entityIds: [],
      ...signal,
    }),

    relation: (relation: Relation): RelationRow => ({
      id: naturalId("public", "relation", sourceCode, relation.sourceId),
      tenant: "public",
      sourceCode,
      description: null,
      ...relation,
    }),

    stixObject: (object: Omit<StixObjectRow, "id" | "sourceCode">): StixObjectRow => ({
      id: naturalId("public", "stix-object", sourceCode, object.sourceId),
      sourceCode,
      ...object,
    }),
  };
}

export function signalId(sourceCode: string, sourceId: string): string {
  return naturalId("public", "signal", sourceCode, sourceId);
}
