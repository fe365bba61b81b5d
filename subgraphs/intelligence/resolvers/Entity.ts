/** Entities: seven types of one table, told apart by the column `kind`. */
import { getRow } from "../../shared/getRow.ts";
import { getUuid, toGlobalId } from "../../shared/ids.ts";
import { parseFirst } from "../../shared/page.ts";
import type { Context } from "../context.ts";
import { assetAttributes, vulnerabilityAttributes } from "../domain/entityAttributes.ts";
import { type EntityType, entityTypeOf } from "../domain/entityType.ts";
import type {
  ActorResolvers,
  AssetResolvers,
  EntityConnectionResolvers,
  EntityRelationResolvers,
  EntityResolvers,
  MalwareResolvers,
  OrganisationResolvers,
  PlaceResolvers,
  TechniqueResolvers,
  VulnerabilityResolvers,
} from "../generated/resolvers.ts";
import type { EntityMapper } from "../mappers.ts";
import { parseText } from "./parseArguments.ts";

export const Entity: EntityResolvers = { __resolveType: entityTypeOf };

export const Actor: ActorResolvers = fieldsOf("Actor");
export const Organisation: OrganisationResolvers = fieldsOf("Organisation");
export const Asset: AssetResolvers = {
  ...fieldsOf("Asset"),
  country: countryOf,
  capacityMw: ({ attributes }) => assetAttributes.parse(attributes).capacityMw ?? null,
};
export const Vulnerability: VulnerabilityResolvers = {
  ...fieldsOf("Vulnerability"),
  vendor: ({ attributes }) => vulnerabilityAttributes.parse(attributes).vendor ?? null,
  product: ({ attributes }) => vulnerabilityAttributes.parse(attributes).product ?? null,
  exploitedSince: ({ attributes }) => {
    const { exploitedSince } = vulnerabilityAttributes.parse(attributes);
    return exploitedSince ? new Date(exploitedSince) : null;
  },
  usedByRansomware: ({ attributes }) => vulnerabilityAttributes.parse(attributes).usedByRansomware ?? null,
};
export const Place: PlaceResolvers = { ...fieldsOf("Place"), country: countryOf };
export const Technique: TechniqueResolvers = fieldsOf("Technique");
export const Malware: MalwareResolvers = fieldsOf("Malware");

export const EntityConnection: EntityConnectionResolvers = {
  edges: ({ edges }) => [...edges],
  totalCount: ({ totalCount }) => totalCount(),
};

export const EntityRelation: EntityRelationResolvers = {
  entity: ({ otherId }, _args, { loaders }) => getRow(loaders.entity, otherId),
};

/** What all seven have. */
function fieldsOf(type: EntityType) {
  return {
    __resolveReference: async ({ id }: { readonly id: string }, { loaders }: Context) => {
      const row = await loaders.entity.load(getUuid(id, type));
      return row && entityTypeOf(row) === type ? row : null;
    },
    id: ({ residency, id }: EntityMapper) => toGlobalId(residency, type, id),
    source: ({ sourceCode }: EntityMapper, _args: object, { loaders }: Context) =>
      getRow(loaders.sourceByCode, sourceCode),
    relations: async (
      { id }: EntityMapper,
      { first, kind }: { first?: number | null; kind?: string | null },
      { loaders }: Context,
    ) => {
      const take = parseFirst(first ?? 20, 100);
      return [...(await loaders.relationsOfEntity.load(id, { take, kind: kind ? parseText(kind) : null }))];
    },
    signals: async ({ id }: EntityMapper, { first }: { first?: number | null }, { loaders }: Context) => [
      ...(await loaders.signalsOfEntity.load(id, parseFirst(first ?? 20, 100))),
    ],
  };
}

function countryOf({ countryCode }: EntityMapper): { code: string } | null {
  return countryCode === null ? null : { code: countryCode };
}
