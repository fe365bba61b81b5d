/**
 * The one list of what replicates between regions. Migration SQL is generated from it (generateReplicatedTables.ts), and
 * a test holds it against the database: every table of the five subgraphs is here or among the exceptions.
 */

export type ReplicatedTable = {
  /** With its schema. */
  readonly table: string;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Where rows may be stored: `global`, what the row's column `residency` says, or what its parent's does. */
  readonly residency: "global" | "row" | { readonly parent: string; readonly by: string };
};

const byParent = (parent: string, by: string) => ({ parent, by });

/** Parents come before their children. */
export const replicatedTables: readonly ReplicatedTable[] = [
  { table: "regions.jurisdiction", key: ["id"], residency: "global" },
  { table: "regions.region", key: ["id"], residency: "global" },
  { table: "regions.country", key: ["id"], residency: "global" },
  { table: "regions.account", key: ["id"], residency: "row" },
  { table: "regions.data_subject", key: ["id"], residency: "row" },
  { table: "regions.consent", key: ["id"], residency: "row" },
  { table: "regions.residency_preference", key: ["id"], residency: "row" },
  { table: "regions.failover_event", key: ["id"], residency: "global" },
  { table: "regions.idempotency", key: ["tenant", "key"], residency: "global" },

  { table: "intelligence.source", key: ["id"], residency: "global" },
  { table: "intelligence.signal", key: ["id"], residency: "row" },
  { table: "intelligence.entity", key: ["id"], residency: "row" },
  {
    table: "intelligence.signal_entity",
    key: ["signal_id", "entity_id"],
    residency: byParent("intelligence.signal", "signal_id"),
  },
  {
    table: "intelligence.entity_relation",
    key: ["id"],
    residency: byParent("intelligence.entity", "from_entity_id"),
  },
  { table: "intelligence.stix_object", key: ["id"], residency: "global" },
  { table: "intelligence.indicator", key: ["code"], residency: "global" },
  { table: "intelligence.observation", key: ["indicator_code", "period"], residency: "global" },
  { table: "intelligence.import_run", key: ["id"], residency: "global" },
  { table: "intelligence.fusion_result", key: ["id"], residency: "row" },
  { table: "intelligence.risk_assessment", key: ["id"], residency: "row" },
  {
    table: "intelligence.risk_revision",
    key: ["assessment_id", "revision"],
    residency: byParent("intelligence.risk_assessment", "assessment_id"),
  },
  { table: "intelligence.scenario", key: ["id"], residency: "row" },
  { table: "intelligence.scenario_run", key: ["id"], residency: "row" },
  { table: "intelligence.idempotency", key: ["tenant", "key"], residency: "global" },

  { table: "ml.model", key: ["id"], residency: "global" },
  { table: "ml.model_version", key: ["id"], residency: "global" },
  { table: "ml.model_alias", key: ["model_id", "alias"], residency: "global" },
  { table: "ml.promotion", key: ["id"], residency: "global" },
  { table: "ml.federated_run", key: ["id"], residency: "global" },
  { table: "ml.round", key: ["id"], residency: "global" },
  { table: "ml.round_update", key: ["round_id", "region_code"], residency: "global" },
  { table: "ml.experiment", key: ["id"], residency: "global" },
  { table: "ml.drift_report", key: ["id"], residency: "global" },
  { table: "ml.prediction", key: ["id"], residency: "row" },
  { table: "ml.idempotency", key: ["tenant", "key"], residency: "global" },

  { table: "compliance.control", key: ["id"], residency: "global" },
  { table: "compliance.scan", key: ["id"], residency: "global" },
  { table: "compliance.violation", key: ["id"], residency: "row" },
  {
    table: "compliance.remediation",
    key: ["id"],
    residency: byParent("compliance.violation", "violation_id"),
  },
  { table: "compliance.evidence", key: ["id"], residency: "row" },
  { table: "compliance.retention_rule", key: ["id"], residency: "global" },
  {
    table: "compliance.lineage_step",
    key: ["assessment_id", "position"],
    residency: byParent("intelligence.risk_assessment", "assessment_id"),
  },
  { table: "compliance.erasure_request", key: ["id"], residency: "row" },
  { table: "compliance.idempotency", key: ["tenant", "key"], residency: "global" },

  { table: "mobile.device", key: ["id"], residency: "row" },
  {
    table: "mobile.sync_cursor",
    key: ["device_id", "scope"],
    residency: byParent("mobile.device", "device_id"),
  },
  { table: "mobile.offline_mutation", key: ["id"], residency: "row" },
  {
    table: "mobile.push_token",
    key: ["device_id", "provider"],
    residency: byParent("mobile.device", "device_id"),
  },
  { table: "mobile.notification", key: ["id"], residency: "row" },
  {
    table: "mobile.assessment_pin",
    key: ["device_id", "assessment_id"],
    residency: byParent("mobile.device", "device_id"),
  },

  // Tables of later migrations follow, each lot as its migration has it.
  { table: "ml.parameter_set", key: ["content_hash"], residency: "global" },
  { table: "ml.privacy_entry", key: ["round_id", "subject_group"], residency: "global" },
  // Names only; what is measured on links travels with the heartbeats.
  { table: "regions.replication_link", key: ["id"], residency: "global" },
  { table: "regions.region_probe", key: ["id"], residency: "global" },
  { table: "regions.primary_claim", key: ["id"], residency: "global" },
  { table: "regions.primary_vote", key: ["id"], residency: "global" },
  { table: "regions.region_order", key: ["id"], residency: "global" },
  { table: "regions.region_repair", key: ["id"], residency: "global" },
];

/** Tables that stay in their region, each with its reason. */
export const localTables: Readonly<Record<string, string>> = {
  "intelligence.outbox": "each region publishes to its own event log what it stores, remote rows included",
  "intelligence.quarantined_record": "raw text of a feed that nobody has classified stays where it came in",
  "ml.lease": "one coordinator among the processes of a region; a run names the region that leads it",
  "ml.participant": "trainers that offered themselves to the coordinator of this region",
  "ml.round_participant": "known to the coordinator that chose them, and of no use to another",
  "ml.submitted_update": "updates are seen by the coordinator they were sent to and by nobody else",
  "ml.online_learner": "each region goes on learning from its own examples",
  "ml.replay_sample": "remembered examples stay where the examples are",
  "ml.upload_piece": "pieces of what a trainer sends to its coordinator, until they are put together",
  "ml.round_answer": "parts of a secure sum, of no use to anybody but its coordinator",
  "ml.signal_fact": "made from the event log of this region, remote rows that it may hold included",
  "ml.country_window": "how far this region has built its own examples",
  "ml.training_example": "examples stay in their region; that is what federated learning is for",
  "intelligence.quarantined_signal": "a raw signal that nobody has classified stays where it came in",
  "intelligence.ingest_tally": "counts what came in to one region; every region counts for itself",
  "intelligence.webhook": "a sender has one region that it sends to",
  "intelligence.connector": "fetches for one region; every region fetches for itself",
  "compliance.decision_record": "a region's own record of its own decisions; nobody else appends to it",
  "compliance.decision_chain": "proves the decisions of gateways of this region",
  "compliance.decision_entry": "proves the decisions of gateways of this region, letter for letter",
  "compliance.decision_gap": "what is missing in the chains of this region",
  "compliance.decision_question":
    "what the decisions of this region were asked; may hold facts about its callers",
  "compliance.policy_bundle": "the rules that decided in this region; others keep those that decided there",
};
