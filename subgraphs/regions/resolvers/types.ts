/** Fields of the types, where the row alone does not answer. */

import { getRow } from "../../shared/getRow.ts";
import { getUuid, toGlobalId, toResidencyName } from "../../shared/ids.ts";
import { parsePage, toConnection } from "../../shared/page.ts";
import { judgeLink } from "../domain/judgeLink.ts";
import { isConsentLive } from "../domain/recordConsent.ts";
import { currentPreferences } from "../domain/setDataResidency.ts";
import type {
  ConsentResolvers,
  CountryConnectionResolvers,
  CountryResolvers,
  DataSubjectConnectionResolvers,
  DataSubjectResolvers,
  DurabilityWaiverResolvers,
  FailoverEventResolvers,
  JurisdictionResolvers,
  QuarantinedChangeResolvers,
  RegionResolvers,
  ReplicationConflictResolvers,
  ReplicationLinkResolvers,
  ResidencyPreferenceResolvers,
  UserResolvers,
} from "../generated/resolvers.ts";
import type { Loaders } from "../loaders.ts";
import type { ReplicationLinkMapper } from "../mappers.ts";
import { regionHealth } from "./regionHealth.ts";

export const Region: RegionResolvers = {
  ...regionHealth,
  __resolveReference: (reference, { loaders }) =>
    "code" in reference
      ? loaders.regionByCode.load(reference.code)
      : loaders.regionById.load(getUuid(reference.id, "Region")),
  id: ({ id }) => toGlobalId("global", "Region", id),
  jurisdiction: ({ jurisdictionCode }, _args, { loaders }) =>
    getRow(loaders.jurisdictionByCode, jurisdictionCode),
  replicationLinks: async ({ code }, _args, { loaders }) => [...(await loaders.linksFromRegion.load(code))],
};

export const Jurisdiction: JurisdictionResolvers = {
  __resolveReference: (reference, { loaders }) =>
    "code" in reference
      ? loaders.jurisdictionByCode.load(reference.code)
      : loaders.jurisdictionById.load(getUuid(reference.id, "Jurisdiction")),
  id: ({ id }) => toGlobalId("global", "Jurisdiction", id),
  residency: ({ residency }) => toResidencyName(residency),
  countries: async ({ code }, args, { loaders }) => {
    const page = parsePage(args, { size: 50, sizeMax: 300, key: ["text"] });
    const rows = await loaders.countriesOfJurisdiction.load(code, page);
    const count = async () => (await loaders.countryCountOfJurisdiction.load(code))?._count ?? 0;
    return toConnection(rows, page, (country) => [country.code], count);
  },
};

export const Country: CountryResolvers = {
  __resolveReference: (reference, { loaders }) =>
    "code" in reference
      ? loaders.countryByCode.load(reference.code)
      : loaders.countryById.load(getUuid(reference.id, "Country")),
  id: ({ id }) => toGlobalId("global", "Country", id),
  jurisdiction: ({ jurisdictionCode }, _args, { loaders }) =>
    getRow(loaders.jurisdictionByCode, jurisdictionCode),
};

export const CountryConnection: CountryConnectionResolvers = {
  edges: ({ edges }) => [...edges],
  totalCount: ({ totalCount }) => totalCount(),
};

export const User: UserResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.account.load(getUuid(id, "User")),
  id: ({ residency, id }) => toGlobalId(residency, "User", id),
  residency: ({ residency }) => toResidencyName(residency),
  homeRegion: ({ homeRegionCode }, _args, { loaders }) =>
    homeRegionCode === null ? null : loaders.regionByCode.load(homeRegionCode),
};

export const DataSubject: DataSubjectResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.visibleDataSubject.load(getUuid(id, "DataSubject")),
  id: ({ residency, id }) => toGlobalId(residency, "DataSubject", id),
  residency: ({ residency }) => toResidencyName(residency),
  jurisdiction: ({ jurisdictionCode }, _args, { loaders }) =>
    getRow(loaders.jurisdictionByCode, jurisdictionCode),
  consents: async ({ id }, _args, { loaders }) => [...(await loaders.consentsOfSubject.load(id))],
  residencyPreferences: async ({ id }, _args, { loaders }) =>
    currentPreferences(await loaders.preferencesOfSubject.load(id)),
  mayLeaveFor: async ({ id }, { purpose }, { loaders }) =>
    isConsentLive(await loaders.consentsOfSubject.load(id), purpose),
};

export const DataSubjectConnection: DataSubjectConnectionResolvers = {
  edges: ({ edges }) => [...edges],
  totalCount: ({ totalCount }) => totalCount(),
};

export const Consent: ConsentResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.consent.load(getUuid(id, "Consent")),
  id: ({ residency, id }) => toGlobalId(residency, "Consent", id),
  residency: ({ residency }) => toResidencyName(residency),
  subject: ({ subjectId }, _args, { loaders }) => getRow(loaders.dataSubject, subjectId),
};

export const ResidencyPreference: ResidencyPreferenceResolvers = {
  __resolveReference: ({ id }, { loaders }) =>
    loaders.residencyPreference.load(getUuid(id, "ResidencyPreference")),
  id: ({ residency, id }) => toGlobalId(residency, "ResidencyPreference", id),
  residency: ({ residency }) => toResidencyName(residency),
  storeIn: ({ storeIn }) => toResidencyName(storeIn),
  subject: ({ subjectId }, _args, { loaders }) => getRow(loaders.dataSubject, subjectId),
};

export const ReplicationLink: ReplicationLinkResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.replicationLink.load(getUuid(id, "ReplicationLink")),
  id: ({ id }) => toGlobalId("global", "ReplicationLink", id),
  from: ({ fromRegionCode }, _args, { loaders }) => getRow(loaders.regionByCode, fromRegionCode),
  to: ({ toRegionCode }, _args, { loaders }) => getRow(loaders.regionByCode, toRegionCode),
  state: async (link, _args, { loaders }) => judgeLink(await measured(link, loaders), new Date()),
  lagMs: async (link, _args, { loaders }) => (await measured(link, loaders))?.lagMs ?? null,
  measuredAt: async (link, _args, { loaders }) => (await measured(link, loaders))?.measuredAt ?? null,
  heardAt: async (link, _args, { loaders }) => (await measured(link, loaders))?.heardAt ?? null,
  slot: ({ fromRegionCode, toRegionCode }, _args, { loaders }) =>
    loaders.replicationSlot.load(`${toRegionCode}_from_${fromRegionCode}`.replaceAll("-", "_")),
};

function measured({ fromRegionCode, toRegionCode }: ReplicationLinkMapper, loaders: Loaders) {
  return loaders.measuredLink.load(`${fromRegionCode} ${toRegionCode}`);
}

export const QuarantinedChange: QuarantinedChangeResolvers = {
  id: ({ id }) => toGlobalId("global", "QuarantinedChange", id),
};

export const ReplicationConflict: ReplicationConflictResolvers = {
  id: ({ id }) => toGlobalId("global", "ReplicationConflict", id),
};

export const DurabilityWaiver: DurabilityWaiverResolvers = {
  id: ({ id }) => toGlobalId("global", "DurabilityWaiver", id),
};

export const FailoverEvent: FailoverEventResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.failoverEvent.load(getUuid(id, "FailoverEvent")),
  id: ({ id }) => toGlobalId("global", "FailoverEvent", id),
  region: ({ regionCode }, _args, { loaders }) => getRow(loaders.regionByCode, regionCode),
};
