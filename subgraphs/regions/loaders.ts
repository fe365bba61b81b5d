/** One batch function for each key, made anew for each request. */
import { createArgumentLoader } from "../shared/createArgumentLoader.ts";
import { createListLoader, createLoader } from "../shared/createLoader.ts";
import type { Db, SubjectReader } from "./db.ts";

export type Loaders = ReturnType<typeof createLoaders>;

/** The caller's tenant bounds whatever belongs to one; reference data belongs to none. */
export function createLoaders(db: Db, caller: SubjectReader) {
  const { tenant } = caller;
  return {
    regionByCode: createLoader(db.findRegionsByCode, (region) => region.code),
    regionById: createLoader(db.findRegionsById, (region) => region.id),
    jurisdictionByCode: createLoader(db.findJurisdictionsByCode, (jurisdiction) => jurisdiction.code),
    jurisdictionById: createLoader(db.findJurisdictionsById, (jurisdiction) => jurisdiction.id),
    countriesOfJurisdiction: createArgumentLoader(
      db.findCountriesOfJurisdictions,
      (country) => country.jurisdictionCode,
    ),
    countryCountOfJurisdiction: createLoader(
      db.countCountriesOfJurisdictions,
      ({ jurisdictionCode }) => jurisdictionCode,
    ),
    countryByCode: createLoader(db.findCountriesByCode, (country) => country.code),
    countryById: createLoader(db.findCountriesById, (country) => country.id),
    account: createLoader(
      (ids) => db.findAccounts(tenant, ids),
      (account) => account.id,
    ),
    /** For whom the caller asks by id. `dataSubject` is for what the caller does about a person, seen or not. */
    visibleDataSubject: createLoader(
      (ids) => db.findVisibleDataSubjects(caller, ids),
      (subject) => subject.id,
    ),
    dataSubject: createLoader(
      (ids) => db.findDataSubjectsById(tenant, ids),
      (subject) => subject.id,
    ),
    consent: createLoader(
      (ids) => db.findConsentsById(tenant, ids),
      (consent) => consent.id,
    ),
    consentsOfSubject: createListLoader(db.findConsents, (consent) => consent.subjectId),
    residencyPreference: createLoader(
      (ids) => db.findResidencyPreferencesById(tenant, ids),
      (preference) => preference.id,
    ),
    preferencesOfSubject: createListLoader(db.findResidencyPreferences, (preference) => preference.subjectId),
    linksFromRegion: createListLoader(db.findReplicationLinksFrom, (link) => link.fromRegionCode),
    measuredLink: createLoader(
      async (_names: readonly string[]) => db.findMeasuredLinks(),
      (link) => `${link.from} ${link.to}`,
    ),
    replicationSlot: createLoader(
      async (_names: readonly string[]) => db.findReplicationSlots(),
      (slot) => slot.name,
    ),
    /** Who leads and what all say of each other, once for a request. */
    failoverView: createLoader(
      async (_names: readonly string[]) => [await db.findFailoverView()].filter((view) => view !== null),
      () => "now",
    ),
    sightingsOf: createListLoader(db.findSightings, (sighting) => sighting.targetCode),
    newestOrderOf: createLoader(db.findNewestOrders, (order) => order.regionCode),
    repairOf: createLoader(db.findRepairs, (repair) => repair.regionCode),
    recoveryPoint: createLoader(
      async (_names: readonly string[]) => [await db.findRecoveryPoint()].filter((point) => point !== null),
      () => "now",
    ),
    replicationLink: createLoader(db.findReplicationLinksById, (link) => link.id),
    failoverEvent: createLoader(db.findFailoverEventsById, (event) => event.id),
  };
}
