/**
 * Every setting of PostgreSQL on which replication between regions rests, with its reason. The launcher passes them to
 * the clusters of `npm run start:global`; `npm run generate:postgres` writes postgresql.conf for production from them.
 */

export type Setting = {
  readonly name: string;
  /** What production starts from. */
  readonly value: string;
  /** On one machine with all regions. Null where it is the same. */
  readonly local: string | null;
  readonly why: string;
};

export const replicationSettings: readonly Setting[] = [
  {
    name: "wal_level",
    value: "logical",
    local: null,
    why: "The log is decoded into changes for the other regions.",
  },
  {
    name: "track_commit_timestamp",
    value: "on",
    local: null,
    why: "Tells an operator when a change was applied here (pg_xact_commit_timestamp); conflicts are decided by the hybrid clock, not by this.",
  },
  {
    name: "max_wal_senders",
    value: "20",
    local: null,
    why: "One for each region and standby that receives, one more for each first copy under way, and room for backups.",
  },
  {
    name: "max_replication_slots",
    value: "20",
    local: null,
    why: "As many as senders: each receiver's place in the log survives its absence.",
  },
  {
    name: "max_active_replication_origins",
    value: "20",
    local: null,
    why: "One for each subscription and each first copy; PostgreSQL 18 counts them apart from slots.",
  },
  {
    name: "max_worker_processes",
    value: "32",
    local: "24",
    why: "Room for the apply workers beside parallel queries; it bounds the two settings below.",
  },
  {
    name: "max_logical_replication_workers",
    value: "16",
    local: "12",
    why: "One apply worker for each other region, helpers for large transactions, and the first copies.",
  },
  {
    name: "max_sync_workers_per_subscription",
    value: "2",
    local: null,
    why: "Two tables are copied at first: the change log and the heartbeats.",
  },
  {
    name: "wal_retrieve_retry_interval",
    value: "1s",
    local: "500ms",
    why: "How soon an apply worker that failed or lost its peer starts again; the default of 5 s is most of a deadlock's cost.",
  },
  {
    name: "wal_receiver_status_interval",
    value: "1s",
    local: null,
    why: "How often a receiver that has nothing to confirm speaks, so that the sender may forget its log.",
  },
  {
    name: "wal_receiver_timeout",
    value: "10s",
    local: null,
    why: "A sender that is cut off is given up after this; the default of 60 s is the whole budget of lag.",
  },
  {
    name: "wal_sender_timeout",
    value: "10s",
    local: null,
    why: "The same at the other end: a synchronous peer that is cut off stops counting.",
  },
  {
    name: "max_slot_wal_keep_size",
    value: "64GB",
    local: "4GB",
    why: "A region that stays away must not fill the disk of the others: past this its slot is lost, and it is rebuilt (runbook: lost slot).",
  },
  {
    name: "idle_replication_slot_timeout",
    value: "72h",
    local: "0",
    why: "A slot nobody has used for three days belongs to a region that will be rebuilt anyway. On a laptop that slept over a weekend, never.",
  },
  {
    name: "sync_replication_slots",
    value: "on",
    local: "off",
    why: "On a physical standby inside the region: the receivers' slots go with it when it is promoted (they are made with failover = true).",
  },
  {
    name: "deadlock_timeout",
    value: "1s",
    local: null,
    why: "An apply worker and a session may lock two rows in opposite orders; the worker tries again by itself.",
  },
  {
    name: "idle_in_transaction_session_timeout",
    value: "30s",
    local: null,
    why: "A transaction that is left open holds back the horizon of its region, and with it everybody who reads by it.",
  },
  {
    name: "transaction_timeout",
    value: "0",
    local: null,
    why: "Not used for the horizon: it would cut commits that wait for a synchronous peer, and a cancelled commit is unknown to its client.",
  },
];

export function localSettings(): Readonly<Record<string, string>> {
  return Object.fromEntries(replicationSettings.map(({ name, value, local }) => [name, local ?? value]));
}
