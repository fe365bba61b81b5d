/** Queries on entities, their relations and the signals' links to them. */
import { type Entity, Prisma } from "../../../prisma/generated/client.ts";
import type { PageRequest } from "../../shared/page.ts";
import { containsPattern, isReadable, type WithParent } from "./sql.ts";

export type EntityFilter = {
  readonly kinds?: readonly string[];
  readonly nameContains?: string;
  readonly countries?: readonly string[];
  readonly sources?: readonly string[];
};

/** A relation as seen from the entity asked about. */
export type EntityRelationRow = {
  readonly kind: string;
  readonly outgoing: boolean;
  readonly otherId: string;
  readonly description: string | null;
};

export function createEntityQueries(prisma: Prisma.TransactionClient) {
  return {
    findEntitiesById: (tenant: string, ids: readonly string[]): Promise<Entity[]> =>
      prisma.entity.findMany({ where: { id: { in: [...ids] }, tenant: { in: [tenant, "public"] } } }),

    findEntities: (tenant: string, filter: EntityFilter, page: PageRequest): Promise<Entity[]> =>
      prisma.$queryRaw<Entity[]>`
        SELECT ${columns} FROM intelligence.entity e
        WHERE ${matches(tenant, filter)} AND ${comesAfter(page.after)}
        ORDER BY e.name, e.id LIMIT ${page.take}`,

    countEntities: async (tenant: string, filter: EntityFilter): Promise<number> => {
      const rows = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM intelligence.entity e WHERE ${matches(tenant, filter)}`;
      return rows[0]?.count ?? 0;
    },

    findEntitiesOfSignals: (tenant: string, signalIds: readonly string[]): Promise<WithParent<Entity>[]> =>
      prisma.$queryRaw<WithParent<Entity>[]>`
        SELECT link.signal_id AS parent, ${columns}
        FROM intelligence.signal_entity link JOIN intelligence.entity e ON e.id = link.entity_id
        WHERE link.signal_id = ANY (${[...signalIds]}::uuid[]) AND ${isReadable("e", tenant)}
        ORDER BY e.name, e.id`,

    /** Both directions. A relation whose other end the caller may not read is left out: it would tell of it. */
    findRelationsOfEntities: (
      tenant: string,
      entityIds: readonly string[],
      { take, kind }: { readonly take: number; readonly kind: string | null },
    ): Promise<WithParent<EntityRelationRow>[]> =>
      prisma.$queryRaw<WithParent<EntityRelationRow>[]>`
        SELECT asked.id AS parent, relation.kind, relation.outgoing, relation.other_id AS "otherId", relation.description
        FROM unnest(${[...entityIds]}::uuid[]) AS asked (id)
        CROSS JOIN LATERAL (
          SELECT r.id, r.kind, r.outgoing, r.other_id, r.description
          FROM (
            SELECT id, tenant, kind, true AS outgoing, to_entity_id AS other_id, description
            FROM intelligence.entity_relation WHERE from_entity_id = asked.id
            UNION ALL
            SELECT id, tenant, kind, false, from_entity_id, description
            FROM intelligence.entity_relation WHERE to_entity_id = asked.id
          ) r
          JOIN intelligence.entity e ON e.id = r.other_id
          WHERE ${isReadable("r", tenant)} AND ${isReadable("e", tenant)}
            AND (${kind}::text IS NULL OR r.kind = ${kind}::text)
          ORDER BY r.kind, r.outgoing DESC, e.name, r.id LIMIT ${take}
        ) relation
        JOIN intelligence.entity other ON other.id = relation.other_id
        ORDER BY relation.kind, relation.outgoing DESC, other.name, relation.id`,
  };
}

const columns = Prisma.raw(
  [
    "e.id, e.tenant, e.residency, e.kind, e.name, e.aliases, e.description",
    'e.source_code AS "sourceCode", e.source_id AS "sourceId", e.country_code AS "countryCode"',
    'e.latitude, e.longitude, e.attributes, e.updated_at AS "updatedAt"',
  ].join(", "),
);

function matches(tenant: string, { kinds, nameContains, countries, sources }: EntityFilter): Prisma.Sql {
  const conditions = [isReadable("e", tenant)];
  if (kinds !== undefined) conditions.push(Prisma.sql`e.kind = ANY (${[...kinds]}::text[])`);
  if (countries !== undefined) conditions.push(Prisma.sql`e.country_code = ANY (${[...countries]}::text[])`);
  if (sources !== undefined) conditions.push(Prisma.sql`e.source_code = ANY (${[...sources]}::text[])`);
  if (nameContains !== undefined) {
    const pattern = containsPattern(nameContains);
    conditions.push(
      Prisma.sql`(e.name ILIKE ${pattern} OR EXISTS (SELECT FROM unnest(e.aliases) alias WHERE alias ILIKE ${pattern}))`,
    );
  }
  return Prisma.join(conditions, " AND ");
}

function comesAfter(key: PageRequest["after"]): Prisma.Sql {
  if (key === null) return Prisma.sql`true`;
  return Prisma.sql`(e.name, e.id) > (${key[0]}, ${key[1]}::uuid)`;
}
