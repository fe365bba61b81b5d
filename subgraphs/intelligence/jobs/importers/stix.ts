/**
 * Objects of a STIX 2.1 bundle (https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html), such as MITRE ATT&CK's. What Atlas has a word for becomes an entity, a relationship between two of those a relation, and
 * everything else is kept whole, so that each object read is found again.
 */
import { z } from "zod";
import { createRows } from "./createRows.ts";
import { blankable, isoMoment, name, summaryLengthMax, text, toWebUrl } from "./fields.ts";
import type { Attributes, EntityKind, Importer, ParsedRecord, SourceFacts } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";

export const stix: Importer = createStixImporter({
  code: "mitre-attack",
  name: "MITRE ATT&CK",
  publisher: "The MITRE Corporation",
  domain: "CYBER",
  licence: "ATT&CK terms of use (https://attack.mitre.org/resources/legal-and-branding/terms-of-use/)",
  reliability: "A",
  url: "https://attack.mitre.org",
});

/** For bundles of another publisher. */
export function createStixImporter(source: SourceFacts): Importer {
  const rows = createRows(source.code);
  return {
    name: "stix",
    source,
    format: { kind: "json", array: "objects" },
    dated: "record",
    createParser:
      ({ now }) =>
      (record) =>
        parseObject(record, { rows, now }),
  };
}

type Reading = { readonly rows: ReturnType<typeof createRows>; readonly now: Date };

const entityKinds: ReadonlyMap<string, EntityKind> = new Map([
  ["attack-pattern", "TECHNIQUE"],
  ["course-of-action", "TECHNIQUE"],
  ["malware", "MALWARE"],
  ["tool", "MALWARE"],
  ["intrusion-set", "ACTOR"],
  ["threat-actor", "ACTOR"],
  ["campaign", "ACTOR"],
  ["identity", "ORGANISATION"],
  ["infrastructure", "ASSET"],
  ["x-mitre-asset", "ASSET"],
  ["vulnerability", "VULNERABILITY"],
  ["location", "PLACE"],
]);

const stixId = z
  .string()
  .max(200)
  .regex(
    /^[a-z][a-z0-9-]*--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    "expected an id of STIX, <type>--<uuid>",
  );

const objectSchema = z
  .looseObject({
    type: text(100),
    id: stixId,
    created: isoMoment.optional(),
    modified: isoMoment.optional(),
  })
  .refine(({ id, type }) => id.startsWith(`${type}--`), "expected an id that begins with the type")
  // Marking definitions never change and have no `modified`.
  .refine(({ created, modified }) => created ?? modified, "expected `modified` or `created`; got neither");

const relationshipSchema = z.object({
  relationship_type: text(100),
  source_ref: stixId,
  target_ref: stixId,
  description: blankable(text(summaryLengthMax)),
});

const entitySchema = z.object({
  name,
  description: blankable(text(summaryLengthMax)),
  aliases: z.array(name).optional(),
  x_mitre_aliases: z.array(name).optional(),
  external_references: z
    .array(
      z.object({
        source_name: z.string(),
        external_id: z.string().max(200).optional(),
        url: z.string().max(2_000).optional(),
      }),
    )
    .optional(),
  revoked: z.boolean().optional(),
  x_mitre_deprecated: z.boolean().optional(),
});

type StixObject = z.output<typeof objectSchema>;

function parseObject(record: unknown, { rows, now }: Reading): ParsedRecord {
  const object = parseFields(objectSchema, record);
  const updatedAt = refuseFuture("modified", object.modified ?? object.created ?? now, now);
  const kind = entityKinds.get(object.type);
  if (kind !== undefined) return { type: object.type, entities: [toEntity(rows, object, kind, updatedAt)] };
  if (object.type === "relationship") return toRelation(rows, object, record, updatedAt);
  return keepWhole(rows, object, record, updatedAt, object.type);
}

/** Revoked and deprecated objects stay, since reports name them; `status` says what became of them. */
function toEntity(rows: Reading["rows"], object: StixObject, kind: EntityKind, updatedAt: Date) {
  const entity = parseFields(entitySchema, object);
  const reference = entity.external_references?.find(({ source_name }) => source_name.startsWith("mitre-"));
  const aliases = [
    ...(entity.aliases ?? []),
    ...(entity.x_mitre_aliases ?? []),
    reference?.external_id ?? "",
  ];
  return rows.entity({
    sourceId: object.id,
    kind,
    name: entity.name,
    aliases: [...new Set(aliases)].filter((alias) => alias !== "" && alias !== entity.name),
    description: entity.description,
    attributes: {
      stixType: object.type,
      externalId: reference?.external_id ?? null,
      url: toWebUrl(reference?.url),
      status: entity.revoked ? "revoked" : entity.x_mitre_deprecated ? "deprecated" : "current",
    },
    updatedAt,
  });
}

function toRelation(
  rows: Reading["rows"],
  object: StixObject,
  record: unknown,
  updatedAt: Date,
): ParsedRecord {
  const relationship = parseFields(relationshipSchema, object);
  const type = `relationship ${relationship.relationship_type}`;
  if (!isEntityId(relationship.source_ref) || !isEntityId(relationship.target_ref)) {
    return keepWhole(rows, object, record, updatedAt, type);
  }
  const relation = rows.relation({
    sourceId: object.id,
    kind: relationship.relationship_type,
    fromEntityId: rows.entityId(relationship.source_ref),
    toEntityId: rows.entityId(relationship.target_ref),
    description: relationship.description,
    updatedAt,
  });
  return { type, relations: [relation] };
}

/** The id tells the type, so the other end may stand later in the bundle, or in another one. */
function isEntityId(id: string): boolean {
  return entityKinds.has(id.slice(0, id.indexOf("--")));
}

function keepWhole(
  rows: Reading["rows"],
  object: StixObject,
  record: unknown,
  updatedAt: Date,
  type: string,
): ParsedRecord {
  const kept = rows.stixObject({
    sourceId: object.id,
    type: object.type,
    name: typeof object.name === "string" ? object.name.slice(0, 500) : null,
    body: record as Attributes, // The schema above found an object.
    updatedAt,
  });
  return { type, stixObjects: [kept] };
}
