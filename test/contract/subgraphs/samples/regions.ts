import { byCode, byId, type Sample, uuidOf } from "./sample.ts";

const at = "2026-03-03T12:00:00Z";

export const regions: Sample = {
  subgraph: "regions",
  rows: (n, tenant) => [
    [
      "jurisdiction",
      {
        id: uuidOf("jurisdiction", n),
        code: `J${n}`,
        name: "Somewhere",
        laws: ["GDPR"],
        residency: "us",
        allowed_regions: [`region-${n}`],
        position: n,
      },
    ],
    [
      "region",
      {
        id: uuidOf("region", n),
        code: `region-${n}`,
        name: "Somewhere",
        role: "ACTIVE",
        status: "SERVING",
        jurisdiction_code: `J${n}`,
        position: n,
      },
    ],
    [
      "country",
      {
        id: uuidOf("country", n),
        code: `C${n}`,
        alpha3: `C${n}X`,
        name: "Country",
        official_name: "Country",
        continent: "Europe",
        latitude: 1,
        longitude: 2,
        area_km2: 3,
        jurisdiction_code: `J${n}`,
      },
    ],
    [
      "account",
      {
        id: uuidOf("account", n),
        tenant,
        residency: "us",
        subject: `person-${n}`,
        display_name: "Person",
        home_region_code: `region-${n}`,
      },
    ],
    [
      "data_subject",
      {
        id: uuidOf("data_subject", n),
        tenant,
        residency: "us",
        pseudonym: `subject-${n}`,
        jurisdiction_code: `J${n}`,
      },
    ],
    [
      "consent",
      {
        id: uuidOf("consent", n),
        tenant,
        residency: "us",
        subject_id: uuidOf("data_subject", n),
        purpose: "research",
        decision: "GRANTED",
        version: 1,
        recorded_by: "test",
      },
    ],
    [
      "residency_preference",
      {
        id: uuidOf("residency_preference", n),
        tenant,
        residency: "us",
        subject_id: uuidOf("data_subject", n),
        data_type: "profile",
        store_in: "us",
        version: 1,
        set_by: "test",
      },
    ],
    [
      "replication_link",
      {
        id: uuidOf("replication_link", n),
        from_region_code: `region-${n}`,
        to_region_code: `region-${n}`,
      },
    ],
    [
      "failover_event",
      {
        id: uuidOf("failover_event", n),
        region_code: `region-${n}`,
        kind: "DRAINED",
        reason: "test",
        started_at: at,
      },
    ],
  ],
  entities: [
    {
      type: "Region",
      belongs: "to everybody",
      keys: [byId("global", "Region", "region"), byCode((n) => `region-${n}`)],
      select: "id code jurisdiction { code } replicationLinks { id from { code } to { code } }",
    },
    {
      type: "Jurisdiction",
      belongs: "to everybody",
      keys: [byId("global", "Jurisdiction", "jurisdiction"), byCode((n) => `J${n}`)],
      select: "id code residency countries(first: 2) { edges { node { id } } totalCount }",
    },
    {
      type: "Country",
      belongs: "to everybody",
      keys: [byId("global", "Country", "country"), byCode((n) => `C${n}`)],
      select: "id code jurisdiction { code }",
    },
    {
      type: "User",
      belongs: "to a tenant",
      keys: [byId("us", "User", "account")],
      select: "id residency homeRegion { code }",
    },
    {
      type: "DataSubject",
      belongs: "to a tenant",
      keys: [byId("us", "DataSubject", "data_subject")],
      select: `id residency jurisdiction { code } consents { id } residencyPreferences { id }
               mayLeaveFor(purpose: "research")`,
    },
    {
      type: "Consent",
      belongs: "to a tenant",
      keys: [byId("us", "Consent", "consent")],
      select: "id residency subject { id consents { id } }",
    },
    {
      type: "ResidencyPreference",
      belongs: "to a tenant",
      keys: [byId("us", "ResidencyPreference", "residency_preference")],
      select: "id residency storeIn subject { id }",
    },
    {
      type: "ReplicationLink",
      belongs: "to everybody",
      keys: [byId("global", "ReplicationLink", "replication_link")],
      select: "id from { code } to { code }",
    },
    {
      type: "FailoverEvent",
      belongs: "to everybody",
      keys: [byId("global", "FailoverEvent", "failover_event")],
      select: "id region { code jurisdiction { code } }",
    },
  ],
  lists: [
    {
      field: "countries",
      belongs: "to everybody",
      select: "edges { node { code jurisdiction { code countries(first: 1) { totalCount } } } } totalCount",
    },
    {
      field: "dataSubjects",
      belongs: "to a tenant",
      select: "edges { node { id consents { id } residencyPreferences { id } } } totalCount",
    },
    { field: "failoverEvents", belongs: "to everybody", select: "id region { code jurisdiction { code } }" },
  ],
  bounded: "failoverEvents",
};
