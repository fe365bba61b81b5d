/** The mobile subgraph as a process of its own over a real database, asked as the gateway would. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../test/support/startSubgraph.ts";
import { naturalId, toGlobalId } from "../shared/ids.ts";
import { openDb } from "./db.ts";
import { deviceIdOf } from "./domain/registerDevice.ts";
import { seedMobile } from "./jobs/seed.ts";

const now = new Date("2026-03-03T12:00:00Z");
const nowhere = naturalId("acme", "nothing", "here");
const accountId = (subject: string): string => naturalId("acme", "account", subject);
const userId = (subject: string): string => toGlobalId("us", "User", accountId(subject));
const assessmentId = (code: string): string =>
  toGlobalId("global", "RiskAssessment", naturalId("acme", "assessment", "country", code));
const handheldOf = (subject: string): string =>
  toGlobalId(
    "us",
    "Device",
    deviceIdOf({ tenant: "acme", id: accountId(subject) }, `seed-${subject}-handheld`),
  );

/** Callers who see nothing of the phone user's. */
const others = [
  ["a colleague", { sub: "officer" }],
  ["the same name in another tenant", { sub: "phone", tenant: "globex" }],
  ["somebody not signed in", { sub: null, tenant: "public", anonymous: true }],
] as const;
const phone = { sub: "phone" };

let database: TestDatabase;
let mobile: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await seed(now);
  mobile = await startSubgraph("mobile", database);
}, 60_000);

afterAll(async () => {
  await mobile?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

async function seed(at: Date): Promise<void> {
  const db = openDb({ url: database.urlOf("mobile"), applicationName: "atlas-test-seed" });
  try {
    await seedMobile(db, at);
  } finally {
    await db.close();
  }
}

type Claims = Parameters<RunningSubgraph["query"]>[2];

async function ask<Data>(
  query: string,
  claims: Claims = phone,
  variables = {},
): Promise<Data | null | undefined> {
  const { data, errors } = await mobile.query<Data>(query, variables, claims);
  expect(errors).toBeUndefined();
  return data;
}

type Representation = Readonly<Record<string, string>>;

async function resolveEntities(
  selection: string,
  representations: readonly Representation[],
  claims: Claims = phone,
) {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`;
  const { result, count } = await database.countStatements(() =>
    ask<{ _entities: readonly unknown[] }>(query, claims, { representations }),
  );
  return { entities: result?._entities ?? [], count };
}

describe("entities", () => {
  test("answer in the order asked for, with null for one that is not there", async () => {
    const { entities, count } = await resolveEntities("... on Device { platform }", [
      { __typename: "Device", id: handheldOf("phone") },
      { __typename: "Device", id: toGlobalId("us", "Device", nowhere) },
    ]);
    expect(entities).toEqual([{ platform: "IOS" }, null]);
    expect(count).toBe(1);
  });

  test("resolve for every type that the contract gives a key", async () => {
    const data = await ask<{
      devices: { id: string; mutations: { id: string }[] }[];
      notifications: { id: string }[];
    }>("{ devices { id mutations { id } } notifications { id } }");
    const mutation = data?.devices.flatMap(({ mutations }) => mutations)[0];
    const representations = [
      { __typename: "Device", id: data?.devices[0]?.id ?? "" },
      { __typename: "OfflineMutation", id: mutation?.id ?? "" },
      { __typename: "Notification", id: data?.notifications[0]?.id ?? "" },
    ];
    const selection = representations.map(({ __typename }) => `... on ${__typename} { id }`).join(" ");
    const { entities } = await resolveEntities(`__typename ${selection}`, representations);
    expect(entities).toEqual(representations);
    for (const [, claims] of others) {
      expect((await resolveEntities(selection, representations, claims)).entities).toEqual([
        null,
        null,
        null,
      ]);
    }
  });
});

describe("devices", () => {
  const withAll = `{ devices {
    platform residency owner { id } syncCursors { scope cursor syncedAt }
    mutations(first: 3) { sequence status } pushTokens { provider } } }`;

  test("with all that hangs on them take one statement for each relation", async () => {
    const { result, count } = await database.countStatements(() => ask<{ devices: unknown[] }>(withAll));
    expect(count).toBe(4);
    expect(result?.devices[0]).toMatchObject({
      platform: "IOS",
      residency: "US",
      owner: { id: userId("phone") },
      syncCursors: [{ scope: "assessments" }, { scope: "notifications" }],
      mutations: [
        { sequence: 1, status: "APPLIED" },
        { sequence: 2, status: "SUPERSEDED" },
        { sequence: 3, status: "REFUSED" },
      ],
      pushTokens: [],
    });
  });

  test.each(others)("are invisible to %s", async (_who, claims) => {
    const query = `query ($id: ID!) { devices { id } notifications { id } device(id: $id) { id } }`;
    const data = await ask(query, claims, { id: handheldOf("phone") });
    expect(data).toEqual({ devices: [], notifications: [], device: null });
  });

  test("of a User are listed for that person and empty for everybody else", async () => {
    const representations = ["phone", "analyst", "officer"].map((subject) => ({
      __typename: "User",
      id: userId(subject),
    }));
    const { entities, count } = await resolveEntities(
      "... on User { devices { platform } }",
      representations,
    );
    expect(entities).toEqual([
      { devices: [{ platform: "IOS" }, { platform: "WEB" }] },
      { devices: [] },
      { devices: [] },
    ]);
    expect(count).toBe(1);
    const asOfficer = await resolveEntities("... on User { devices { id } }", representations, {
      sub: "officer",
    });
    expect(asOfficer.entities).toEqual([{ devices: [] }, { devices: [] }, { devices: [] }]);
  });
});

describe("RiskAssessment.offline", () => {
  const selection = "... on RiskAssessment { offline { devices { platform } lastSyncedAt } }";
  const representations = ["US", "DE", "BR", "JP", "FR"].map((code) => ({
    __typename: "RiskAssessment",
    id: assessmentId(code),
  }));
  const nothing = { offline: { devices: [], lastSyncedAt: null } };

  test("of many assessments takes one statement for pins and one for devices", async () => {
    const { entities, count } = await resolveEntities(selection, representations);
    const devices = [{ platform: "IOS" }];
    expect(count).toBe(2);
    expect(entities).toEqual([
      { offline: { devices, lastSyncedAt: "2026-03-03T11:55:00.000Z" } },
      { offline: { devices, lastSyncedAt: null } },
      nothing,
      nothing,
      nothing,
    ]);
  });

  test.each(others)("tells %s of no device", async (_who, claims) => {
    const { entities } = await resolveEntities(selection, representations, claims);
    expect(entities).toEqual(representations.map(() => nothing));
  });
});

/** A mutation with one input and its answer; refusals come as `reason` and `message`. */
async function change(field: string, input: object, selection: string, claims: Claims = phone) {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const data = await ask<Record<string, Record<string, unknown>>>(
    `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} ... on MobileRefusal { reason message } } }`,
    claims,
    { input },
  );
  return data?.[field];
}

describe("registerDevice", () => {
  const facts = { installationId: "0c7e-41", platform: "ANDROID", model: "Pixel 9", appVersion: "1.4.0" };
  const selection = "... on DeviceChanged { device { id residency model appVersion owner { id } } }";
  const register = (input: object, claims: Claims = phone) =>
    change("registerDevice", input, selection, claims);

  test("makes a device known in the person's own jurisdiction, and refreshes it under the same id", async () => {
    const first = await register(facts);
    const id = toGlobalId(
      "us",
      "Device",
      deviceIdOf({ tenant: "acme", id: accountId("phone") }, facts.installationId),
    );
    const device = {
      id,
      residency: "US",
      model: "Pixel 9",
      appVersion: "1.4.0",
      owner: { id: userId("phone") },
    };
    expect(first).toEqual({ device });
    expect(await register({ ...facts, model: null, appVersion: "1.5.0" })).toEqual({
      device: { ...device, model: null, appVersion: "1.5.0" },
    });
  });

  test("makes one device of registrations that race", async () => {
    const racing = { ...facts, installationId: "race" };
    const answers = await Promise.all(Array.from({ length: 8 }, () => register(racing)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await database.query("SELECT id FROM mobile.device WHERE installation_id = 'race'")).toHaveLength(
      1,
    );
  });

  test("gives each person who signs in on the same phone a device of their own", async () => {
    const shared = { ...facts, installationId: "shared" };
    const ids = await Promise.all(["phone", "officer"].map((sub) => register(shared, { sub })));
    expect(new Set(ids.map((answer) => JSON.stringify(answer))).size).toBe(2);
  });

  test("keeps a device where it was chosen to be, and refuses to move it", async () => {
    const chosen = { ...facts, installationId: "chosen", residency: "GLOBAL" };
    expect(await register(chosen)).toMatchObject({ device: { residency: "GLOBAL" } });
    expect(await register({ ...chosen, residency: null })).toMatchObject({ device: { residency: "GLOBAL" } });
    expect(await register({ ...chosen, residency: "EU" })).toEqual({
      reason: "INVALID_INPUT",
      message: "expected `residency` GLOBAL, where the device is stored already; got EU",
    });
  });

  test("refuses a wrong form and a caller who is not signed in", async () => {
    expect(await register({ ...facts, installationId: "x".repeat(129) })).toEqual({
      reason: "INVALID_INPUT",
      message: "expected `installationId` with 1 to 128 characters; got 129",
    });
    const before = await database.query("SELECT count(*) FROM mobile.device");
    const nobody = { sub: null, anonymous: true };
    expect(await register(facts, nobody)).toEqual({
      reason: "INVALID_INPUT",
      message: "expected a caller who is signed in; got nobody",
    });
    expect(await database.query("SELECT count(*) FROM mobile.device")).toEqual(before);
  });
});

describe("registerPushToken", () => {
  const token = "a-push-token-that-nobody-may-read";
  const selection = "... on DeviceChanged { device { id pushTokens { provider active } } }";
  const register = (input: object, claims: Claims = phone) =>
    change("registerPushToken", input, selection, claims);

  test("stores the hash of the token and nothing else of it, and logs neither", async () => {
    const id = handheldOf("phone");
    const expected = { device: { id, pushTokens: [{ provider: "APNS", active: true }] } };
    expect(await register({ deviceId: id, provider: "APNS", token })).toEqual(expected);
    expect(await register({ deviceId: id, provider: "APNS", token })).toEqual(expected);
    const rows = await database.query("SELECT * FROM mobile.push_token");
    expect(rows).toEqual([
      expect.objectContaining({ token_hash: createHash("sha256").update(token).digest("hex"), active: true }),
    ]);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(mobile.log.join("\n")).not.toContain(token);
  });

  test("takes a token away from the device that had it before", async () => {
    await register({ deviceId: handheldOf("analyst"), provider: "APNS", token }, { sub: "analyst" });
    const left = await ask("query ($id: ID!) { device(id: $id) { pushTokens { active } } }", phone, {
      id: handheldOf("phone"),
    });
    expect(left).toEqual({ device: { pushTokens: [{ active: false }] } });
  });

  test("leaves one device with a token that several register at the same time", async () => {
    const racing = ["phone", "analyst"].map((sub) => ({ sub, deviceId: handheldOf(sub) }));
    for (let turn = 0; turn < 10; turn += 1) {
      const token = `race-${turn}`;
      await Promise.all(
        racing.map(({ sub, deviceId }) => register({ deviceId, provider: "FCM", token }, { sub })),
      );
      const hash = createHash("sha256").update(token).digest("hex");
      const active = "SELECT device_id FROM mobile.push_token WHERE active AND token_hash = $1";
      expect(await database.query(active, [hash])).toHaveLength(1);
    }
  });

  test("refuses the device of somebody else like one that is not there, and a token of the wrong length", async () => {
    const deviceId = handheldOf("analyst");
    const unknown = toGlobalId("us", "Device", nowhere);
    expect(await register({ deviceId, provider: "FCM", token })).toEqual({
      reason: "NOT_FOUND",
      message: `expected the id of one of your devices; got "${deviceId}"`,
    });
    expect(await register({ deviceId: unknown, provider: "FCM", token })).toMatchObject({
      reason: "NOT_FOUND",
    });
    expect(
      await register({ deviceId: handheldOf("phone"), provider: "FCM", token: "x".repeat(4097) }),
    ).toEqual({
      reason: "INVALID_INPUT",
      message: "expected `token` with 1 to 4096 characters; got 4097",
    });
  });
});

describe("pinAssessment", () => {
  const selection = "... on AssessmentPinned { assessment { id offline { devices { id } } } }";
  const pin = (input: object, claims: Claims = phone) => change("pinAssessment", input, selection, claims);

  test("keeps an assessment on a device; pinning again changes nothing", async () => {
    const input = { deviceId: handheldOf("phone"), assessmentId: assessmentId("JP") };
    const expected = {
      assessment: { id: assessmentId("JP"), offline: { devices: [{ id: handheldOf("phone") }] } },
    };
    expect(await pin(input)).toEqual(expected);
    expect(await pin(input)).toEqual(expected);
  });

  test("refuses the device of somebody else", async () => {
    const input = { deviceId: handheldOf("analyst"), assessmentId: assessmentId("FR") };
    expect(await pin(input)).toMatchObject({ reason: "NOT_FOUND" });
  });
});

describe("notifications", () => {
  type Notifications = {
    notifications: { id: string; readAt: string | null; assessment: { id: string } | null }[];
  };
  const list = (first: number, unreadOnly: boolean) =>
    ask<Notifications>(
      "query ($first: Int, $unreadOnly: Boolean) { notifications(first: $first, unreadOnly: $unreadOnly) { id readAt assessment { id } } }",
      phone,
      { first, unreadOnly },
    );
  const markRead = (id: string, claims: Claims = phone) =>
    ask<{ markNotificationRead: { reason?: string; notification?: { readAt: string } } }>(
      "mutation ($id: ID!) { markNotificationRead(id: $id) { ... on NotificationChanged { notification { readAt } } ... on MobileRefusal { reason } } }",
      claims,
      { id },
    );

  test("come newest first, name their assessment, and can be those that wait", async () => {
    const all = await list(20, false);
    expect(all?.notifications.map(({ assessment }) => assessment?.id)).toEqual([
      assessmentId("US"),
      assessmentId("DE"),
      undefined,
    ]);
    expect((await list(20, true))?.notifications).toHaveLength(2);
    expect((await list(1, true))?.notifications).toHaveLength(1);
  });

  test("are read once: the first reading counts, and only the owner's", async () => {
    const id = (await list(1, true))?.notifications[0]?.id ?? "";
    expect((await markRead(id, { sub: "officer" }))?.markNotificationRead).toEqual({ reason: "NOT_FOUND" });
    expect((await list(1, true))?.notifications[0]?.id).toBe(id);
    const first = await markRead(id);
    expect(first?.markNotificationRead.notification?.readAt).toEqual(expect.any(String));
    expect(await markRead(id)).toEqual(first);
    expect((await list(20, true))?.notifications).toHaveLength(1);
  });
});

describe("input of the wrong form", () => {
  test.each([
    [
      "an id of another type",
      `{ device(id: "${assessmentId("US")}") { id } }`,
      "expected the id of a Device",
    ],
    ["a page too large", "{ notifications(first: 101) { id } }", "expected `first` from 1 to 100; got 101"],
    [
      "a page of nothing",
      "{ devices { mutations(first: 0) { id } } }",
      "expected `first` from 1 to 100; got 0",
    ],
  ])("%s is BAD_USER_INPUT, telling what was expected", async (_what, query, message) => {
    const { errors } = await mobile.query(query, {}, phone);
    expect(errors?.[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
    expect(errors?.[0]?.message).toContain(message);
  });
});

test("the seed keeps what is there when it runs again", async () => {
  const countRows = () =>
    database.query("SELECT (SELECT count(*) FROM mobile.device), (SELECT count(*) FROM mobile.notification)");
  const before = await countRows();
  await seed(new Date("2027-01-01T00:00:00Z"));
  expect(await countRows()).toEqual(before);
});
