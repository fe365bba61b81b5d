import { byCode, byId, type EntityCase, type Sample, uuidOf } from "./sample.ts";

const at = "2026-03-03T12:00:00Z";
const kinds = ["Actor", "Organisation", "Asset", "Vulnerability", "Place", "Technique", "Malware"] as const;

export const intelligence: Sample = {
  subgraph: "intelligence",
  rows: (n, tenant) => [
    [
      "source",
      {
        id: uuidOf("source", n),
        code: `source-${n}`,
        name: "A source",
        publisher: "Somebody",
        domain: "CYBER",
        licence: "none",
        reliability: "A",
        url: "https://example.org",
      },
    ],
    [
      "signal",
      {
        id: uuidOf("signal", n),
        tenant,
        residency: "us",
        source_code: `source-${n}`,
        source_id: "1",
        domain: "CYBER",
        kind: "test",
        title: "Something happened",
        severity: 0.5,
        confidence: 0.5,
        marking: "CLEAR",
        country_code: countryOf(n),
        observed_at: at,
        updated_at: at,
        ingest_region_code: `region-${n}`,
      },
    ],
    ...kinds.map(
      (kind) =>
        [
          "entity",
          {
            id: uuidOf(kind, n),
            tenant,
            residency: "us",
            kind: kind.toUpperCase(),
            name: `${kind} ${n}`,
            aliases: [],
            source_code: `source-${n}`,
            source_id: kind,
            country_code: countryOf(n),
            updated_at: at,
          },
        ] as const,
    ),
    ...kinds.map(
      (kind) => ["signal_entity", { signal_id: uuidOf("signal", n), entity_id: uuidOf(kind, n) }] as const,
    ),
    ...kinds.map(
      (kind) =>
        [
          "entity_relation",
          {
            id: uuidOf(`relation ${kind}`, n),
            tenant,
            source_code: `source-${n}`,
            source_id: kind,
            kind: "uses",
            from_entity_id: uuidOf(kind, n),
            to_entity_id: uuidOf("Malware", n),
            updated_at: at,
          },
        ] as const,
    ),
    [
      "indicator",
      {
        code: `indicator-${n}`,
        name: "An indicator",
        unit: "USD",
        source_code: `source-${n}`,
        country_code: countryOf(n),
      },
    ],
    ["observation", { indicator_code: `indicator-${n}`, period: "2026-03-03", value: 1, updated_at: at }],
    [
      "import_run",
      {
        id: uuidOf("import_run", n),
        source_code: `source-${n}`,
        location: "a file",
        region_code: `region-${n}`,
      },
    ],
    [
      "quarantined_record",
      {
        id: uuidOf("quarantined_record", n),
        import_run_id: uuidOf("import_run", n),
        source_code: `source-${n}`,
        position: 1,
        location: "line 1",
        reason: "test",
        record: "x",
      },
    ],
    [
      "fusion_result",
      {
        id: uuidOf("fusion_result", n),
        tenant,
        residency: "us",
        country_code: countryOf(n),
        method: "test",
        score: 0.5,
        coverage: 0.5,
        contributions: "[]",
        signal_ids: [uuidOf("signal", n)],
        computed_at: at,
      },
    ],
    [
      "risk_assessment",
      {
        id: uuidOf("risk_assessment", n),
        tenant,
        residency: "us",
        title: "A risk",
        country_code: countryOf(n),
        score: 0.5,
        horizon_days: 30,
        rationale: "because",
        marking: "CLEAR",
        fusion_result_id: uuidOf("fusion_result", n),
        revision: 2,
        created_at: at,
        updated_at: at,
      },
    ],
    [
      "risk_revision",
      {
        assessment_id: uuidOf("risk_assessment", n),
        revision: 1,
        score: 0.4,
        rationale: `before ${uuidOf("risk_assessment", n)}`,
        written_at: at,
      },
    ],
    [
      "scenario",
      {
        id: uuidOf("scenario", n),
        tenant,
        residency: "us",
        name: "A scenario",
        description: "What if.",
        version: 1,
        inputs: "{}",
      },
    ],
    [
      "scenario_run",
      {
        id: uuidOf("scenario_run", n),
        tenant,
        residency: "us",
        scenario_id: uuidOf("scenario", n),
        seed: "1",
        status: "COMPLETED",
        progress: 1,
      },
    ],
  ],
  entities: [
    {
      type: "Signal",
      belongs: "to a tenant",
      keys: [byId("us", "Signal", "signal")],
      select:
        "id residency source { code signalCount lastImport { id } } country { code } entities { id relations(first: 1) { kind entity { id } } }",
    },
    {
      type: "Source",
      belongs: "to everybody",
      keys: [byId("global", "Source", "source"), byCode((n) => `source-${n}`)],
      select: "id code signalCount lastImport { id quarantine(first: 1) { reason } }",
    },
    {
      type: "ImportRun",
      belongs: "to everybody",
      keys: [byId("global", "ImportRun", "import_run")],
      select: "id source { code } quarantine(first: 2) { reason }",
    },
    ...kinds.map(
      (kind): EntityCase => ({
        type: kind,
        belongs: "to a tenant",
        keys: [byId("us", kind, kind)],
        select:
          "id source { code } relations(first: 2) { outgoing entity { id source { code } } } signals(first: 2) { id entities { id } }",
      }),
    ),
    {
      type: "Indicator",
      belongs: "to everybody",
      keys: [byCode((n) => `indicator-${n}`)],
      select: "code source { code } country { code } observations(first: 2) { period value }",
    },
    {
      type: "RiskAssessment",
      belongs: "to a tenant",
      keys: [byId("us", "RiskAssessment", "risk_assessment")],
      select:
        "id residency country { code } author { id } fusion { id signals(first: 2) { id source { code } } } history { rationale }",
    },
    {
      type: "FusionResult",
      belongs: "to a tenant",
      keys: [byId("us", "FusionResult", "fusion_result")],
      select: "id residency contributions { domain } signals(first: 2) { id source { code } }",
    },
    {
      type: "Scenario",
      belongs: "to a tenant",
      keys: [byId("us", "Scenario", "scenario")],
      select: "id residency runs(first: 2) { id }",
    },
    {
      type: "ScenarioRun",
      belongs: "to a tenant",
      keys: [byId("us", "ScenarioRun", "scenario_run")],
      select: "id residency scenario { id runs(first: 1) { id } }",
    },
    {
      type: "Country",
      belongs: "to another subgraph",
      keys: [byCode(countryOf)],
      select: `code risk { id fusion { id } history { rationale } }
               signals(first: 2) { edges { cursor node { id source { code } } } pageInfo { hasNextPage } totalCount }`,
    },
    {
      type: "Region",
      belongs: "to another subgraph",
      keys: [byCode((n) => `region-${n}`)],
      select: "code ingestion { signalCount lastSignalAt quarantined }",
    },
  ],
  lists: [
    {
      field: "signals",
      belongs: "to a tenant",
      select: "edges { node { id source { code signalCount } entities { id } } } totalCount",
    },
    {
      field: "entities",
      belongs: "to a tenant",
      select:
        "edges { node { id source { code } relations(first: 1) { entity { id } } signals(first: 1) { id } } } totalCount",
    },
    {
      field: "riskAssessments",
      belongs: "to a tenant",
      select: "edges { node { id fusion { id signals(first: 1) { id } } history { revision } } } totalCount",
    },
    { field: "scenarios", belongs: "to a tenant", select: "id runs(first: 1) { id }" },
    {
      field: "indicators",
      belongs: "to everybody",
      select: "code source { code } observations(first: 1) { period }",
    },
    {
      field: "importRuns",
      belongs: "to everybody",
      select: "id source { code } quarantine(first: 1) { reason }",
    },
  ],
  bounded: "importRuns",
};

/** Codes of two letters, a different one for each of the first 26. */
function countryOf(n: number): string {
  return `X${String.fromCharCode(65 + (n % 26))}`;
}
