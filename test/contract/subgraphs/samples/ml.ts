import { byCode, byId, type Sample, uuidOf } from "./sample.ts";

const at = "2026-03-03T12:00:00Z";

export const ml: Sample = {
  subgraph: "ml",
  rows: (n, tenant) => [
    ["model", { id: uuidOf("model", n), code: `model-${n}`, name: "A model", task: "classification" }],
    [
      "federated_run",
      {
        id: uuidOf("federated_run", n),
        model_id: uuidOf("model", n),
        strategy: "fedavg",
        status: "RUNNING",
        region_codes: [`region-${n}`],
        started_at: at,
      },
    ],
    [
      "model_version",
      {
        id: uuidOf("model_version", n),
        model_id: uuidOf("model", n),
        version: 1,
        content_hash: "0".repeat(64),
        origin: "seed",
        federated_run_id: uuidOf("federated_run", n),
        parameters: "{}",
        metrics: '{"auc": 0.5}',
        created_at: at,
      },
    ],
    [
      "model_alias",
      {
        model_id: uuidOf("model", n),
        alias: "champion",
        version_id: uuidOf("model_version", n),
        set_by: "test",
      },
    ],
    [
      "round",
      {
        id: uuidOf("round", n),
        run_id: uuidOf("federated_run", n),
        number: 1,
        status: "COMMITTED",
        started_at: at,
      },
    ],
    [
      "round_update",
      {
        round_id: uuidOf("round", n),
        region_code: `region-${n}`,
        accepted: true,
        samples: 1,
        received_at: at,
      },
    ],
    [
      "experiment",
      {
        id: uuidOf("experiment", n),
        name: "An experiment",
        control_version_id: uuidOf("model_version", n),
        treatment_version_id: uuidOf("model_version", n),
        share: 0.5,
        status: "RUNNING",
        started_at: at,
      },
    ],
    [
      "drift_report",
      {
        id: uuidOf("drift_report", n),
        model_version_id: uuidOf("model_version", n),
        detector: "test",
        statistic: 1,
        threshold: 2,
        drifted: false,
        measured_at: at,
      },
    ],
    ...(["RiskAssessment", "FusionResult", "Country"] as const).map(
      (kind) =>
        [
          "prediction",
          {
            id: uuidOf(`prediction ${kind}`, n),
            tenant,
            residency: "us",
            subject_kind: kind,
            subject_key: subjectKeys[kind](n),
            model_version_id: uuidOf("model_version", n),
            probability: 0.5,
            horizon_days: 30,
            contributions: "[]",
            predicted_at: at,
          },
        ] as const,
    ),
  ],
  entities: [
    {
      type: "Model",
      belongs: "to everybody",
      keys: [byId("global", "Model", "model"), byCode((n) => `model-${n}`)],
      select:
        "id code versions(first: 2) { id features } champion { id driftReports(first: 1) { id } } aliases { version { id } } promotions(first: 2) { version { id } } shadow { version { id } } experiment { id }",
    },
    {
      type: "ModelVersion",
      belongs: "to everybody",
      keys: [byId("global", "ModelVersion", "model_version")],
      select:
        "id model { code } trainedBy { id } features privacySpent { epsilon } driftReports(first: 2) { id }",
    },
    {
      type: "FederatedRun",
      belongs: "to everybody",
      keys: [byId("global", "FederatedRun", "federated_run")],
      select: "id model { code } regions { code } rounds { id accepted rejected }",
    },
    {
      type: "Round",
      belongs: "to everybody",
      keys: [byId("global", "Round", "round")],
      select: "id run { id } accepted rejected",
    },
    {
      type: "Experiment",
      belongs: "to everybody",
      keys: [byId("global", "Experiment", "experiment")],
      select: "id model { code } control { id } treatment { id model { code } }",
    },
    {
      type: "DriftReport",
      belongs: "to everybody",
      keys: [byId("global", "DriftReport", "drift_report")],
      select: "id modelVersion { id }",
    },
    {
      type: "Prediction",
      belongs: "to a tenant",
      keys: [byId("us", "Prediction", "prediction Country")],
      select: "id residency modelVersion { id model { code } }",
    },
    {
      type: "RiskAssessment",
      belongs: "to another subgraph",
      keys: [byId("us", "RiskAssessment", "risk_assessment")],
      required: { country: { __typename: "Country", code: "C1" } },
      select: "id prediction { id modelVersion { id } }",
    },
    {
      type: "FusionResult",
      belongs: "to another subgraph",
      keys: [byId("us", "FusionResult", "fusion_result")],
      select: "id model { id }",
    },
    {
      type: "Country",
      belongs: "to another subgraph",
      keys: [byCode((n) => `C${n}`)],
      select: "code predictions(first: 2) { id modelVersion { id } }",
    },
    {
      type: "Region",
      belongs: "to another subgraph",
      keys: [byCode((n) => `region-${n}`)],
      select: "code training { activeRuns acceptedUpdates lastRound { id run { id } } }",
    },
  ],
  lists: [
    {
      field: "federatedRuns",
      belongs: "to everybody",
      select: "id model { code } rounds { id accepted rejected }",
    },
    {
      field: "experiments",
      belongs: "to everybody",
      select: "id control { id } treatment { id driftReports(first: 1) { id } }",
    },
  ],
  bounded: "experiments",
};

/** What a prediction is about: assessments and fusion results by UUID, countries by code. */
const subjectKeys = {
  RiskAssessment: (n: number) => uuidOf("risk_assessment", n),
  FusionResult: (n: number) => uuidOf("fusion_result", n),
  Country: (n: number) => `C${n}`,
} as const;
