/**
 * Example devices of two people of the demonstration tenant, and what such devices leave behind. All of it is
 * invented and says so in its names. Running it again adds what is missing and changes nothing.
 */
import type { Account } from "../../shared/accountId.ts";
import { naturalId } from "../../shared/ids.ts";
import type { Db, SeedRows } from "../db.ts";
import { deviceIdOf } from "../domain/registerDevice.ts";

const tenant = "acme";
const minuteMs = 60_000;

export async function seedMobile(db: Db, now: Date): Promise<void> {
  const people = ["phone", "analyst"].map((subject) => rowsOf(subject, now));
  await db.seed({
    devices: people.flatMap(({ devices }) => devices),
    cursors: people.flatMap(({ cursors }) => cursors),
    mutations: people.flatMap(({ mutations }) => mutations),
    pins: people.flatMap(({ pins }) => pins),
    notifications: people.flatMap(({ notifications }) => notifications),
  });
}

function rowsOf(subject: string, now: Date): SeedRows {
  const owner = { id: naturalId(tenant, "account", subject), residency: "us" } as const;
  const handheldId = deviceIdOf({ tenant, ...owner }, `seed-${subject}-handheld`);
  return {
    devices: deviceRows(owner, subject, now),
    cursors: ["assessments", "notifications"].map((scope, index) => ({
      deviceId: handheldId,
      scope,
      cursor: `seed-${index}`,
      syncedAt: minutesBefore(now, 5),
    })),
    mutations: mutationRows(owner, handheldId, now),
    pins: ["US", "DE"].map((code) => ({
      deviceId: handheldId,
      assessmentId: countryAssessmentId(code),
      assessmentResidency: "global",
      pinnedAt: minutesBefore(now, 60),
      // One waits for the next sync.
      syncedAt: code === "US" ? minutesBefore(now, 5) : null,
    })),
    notifications: notificationRows(owner, now),
  };
}

function deviceRows(owner: Account, subject: string, now: Date): SeedRows["devices"] {
  const devices = [
    { kind: "handheld", platform: "IOS", model: "Example phone (seeded)", appVersion: "0.1.0" },
    { kind: "browser", platform: "WEB", model: null, appVersion: "0.1.0" },
  ] as const;
  return devices.map(({ kind, ...device }, position) => ({
    ...device,
    id: deviceIdOf({ tenant, ...owner }, `seed-${subject}-${kind}`),
    tenant,
    residency: owner.residency,
    ownerId: owner.id,
    ownerResidency: owner.residency,
    installationId: `seed-${subject}-${kind}`,
    registeredAt: minutesBefore(now, 24 * 60 + position),
    lastSeenAt: minutesBefore(now, 5),
  }));
}

function mutationRows(owner: Account, deviceId: string, now: Date): SeedRows["mutations"] {
  const outcomes = [
    { status: "APPLIED", refusal: null },
    { status: "SUPERSEDED", refusal: null },
    { status: "REFUSED", refusal: "seeded example: the assessment was withdrawn" },
    { status: "RECEIVED", refusal: null },
  ] as const;
  return outcomes.map((outcome, index) => ({
    ...outcome,
    id: naturalId(tenant, "offline-mutation", deviceId, String(index + 1)),
    tenant,
    residency: owner.residency,
    deviceId,
    sequence: index + 1,
    name: "reviseRiskAssessment",
    arguments: { example: true },
    receivedAt: minutesBefore(now, 50 - 10 * index),
  }));
}

function notificationRows(owner: Account, now: Date): SeedRows["notifications"] {
  const hints = [
    {
      topic: "risk-changed",
      code: "US",
      title: "Seeded example: an assessment that you keep offline has changed",
    },
    { topic: "risk-changed", code: "DE", title: "Seeded example: another one has changed" },
    { topic: "welcome", code: null, title: "Seeded example: this device is registered" },
  ] as const;
  return hints.map(({ topic, code, title }, index) => ({
    id: naturalId(tenant, "notification", owner.id, String(index + 1)),
    tenant,
    residency: owner.residency,
    ownerId: owner.id,
    topic,
    title,
    assessmentId: code && countryAssessmentId(code),
    assessmentResidency: code && "global",
    createdAt: minutesBefore(now, 10 * (index + 1)),
    readAt: topic === "welcome" ? minutesBefore(now, 20) : null,
  }));
}

/** The id that the intelligence subgraph gives the computed assessment of a country. */
function countryAssessmentId(code: string): string {
  return naturalId(tenant, "assessment", "country", code);
}

function minutesBefore(now: Date, minutes: number): Date {
  return new Date(now.getTime() - minutes * minuteMs);
}
