import { naturalId, toGlobalId } from "../../../../subgraphs/shared/ids.ts";
import { byId, type Sample, uuidOf } from "./sample.ts";

/** Everything here belongs to one person: to the one whom test/support/signContext.ts has calling. */
const ownerOf = (tenant: string): string => naturalId(tenant, "account", "analyst");

export const mobile: Sample = {
  subgraph: "mobile",
  rows: (n, tenant) => [
    [
      "device",
      {
        id: uuidOf("device", n),
        tenant,
        residency: "us",
        owner_id: ownerOf(tenant),
        owner_residency: "us",
        installation_id: `installation-${n}`,
        platform: "IOS",
        app_version: "1.0.0",
      },
    ],
    [
      "sync_cursor",
      {
        device_id: uuidOf("device", n),
        scope: "assessments",
        cursor: "c",
        synced_at: "2026-03-03T12:00:00Z",
      },
    ],
    [
      "offline_mutation",
      {
        id: uuidOf("offline_mutation", n),
        tenant,
        residency: "us",
        device_id: uuidOf("device", n),
        sequence: 1,
        name: "test",
        arguments: "{}",
        status: "APPLIED",
      },
    ],
    ["push_token", { device_id: uuidOf("device", n), provider: "APNS", token_hash: String(n), active: true }],
    [
      "notification",
      {
        id: uuidOf("notification", n),
        tenant,
        residency: "us",
        owner_id: ownerOf(tenant),
        topic: "test",
        title: "Something happened",
        assessment_id: uuidOf("risk_assessment", n),
        assessment_residency: "us",
      },
    ],
    [
      "assessment_pin",
      {
        device_id: uuidOf("device", n),
        assessment_id: uuidOf("risk_assessment", n),
        assessment_residency: "us",
      },
    ],
  ],
  entities: [
    {
      type: "Device",
      belongs: "to a tenant",
      keys: [byId("us", "Device", "device")],
      select: `id residency owner { id devices { id } } syncCursors { scope } mutations(first: 2) { id }
               pushTokens { provider }`,
    },
    {
      type: "OfflineMutation",
      belongs: "to a tenant",
      keys: [byId("us", "OfflineMutation", "offline_mutation")],
      select: "id residency",
    },
    {
      type: "Notification",
      belongs: "to a tenant",
      keys: [byId("us", "Notification", "notification")],
      select: "id residency assessment { id offline { devices { id } lastSyncedAt } }",
    },
    {
      type: "RiskAssessment",
      belongs: "to another subgraph",
      keys: [byId("us", "RiskAssessment", "risk_assessment")],
      select: "id offline { devices { id mutations(first: 1) { id } } lastSyncedAt }",
    },
    {
      type: "User",
      belongs: "to another subgraph",
      // Of all people, only the caller is told of devices.
      keys: [() => ({ id: toGlobalId("us", "User", ownerOf("acme")) })],
      select: "id devices { id }",
    },
  ],
  lists: [
    {
      field: "notifications",
      belongs: "to a tenant",
      select: "id assessment { id offline { devices { id } } }",
    },
  ],
  bounded: "notifications",
};
