/** Every query of this subgraph, named by intent; the only file here that knows Prisma. */
import { Prisma } from "../../prisma/generated/client.ts";
import { residencyField } from "../shared/filters/filterFields.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import { toWhere, type Where } from "../shared/filters/toWhere.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import type { Owner } from "./owner.ts";
import { mutationRow, pinRow } from "./rows.ts";

export type Db = ReturnType<typeof openDb>;

export function openDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return {
    ...createQueries(prisma),
    checkReady: async (): Promise<void> => {
      await prisma.device.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
    /**
     * A token names one installation, so it leaves every other device: after another person signs in on the same
     * phone, what was meant for the first must not ring there. The lock keeps two devices that register one token
     * at the same time from both having it.
     */
    savePushToken: (token: NewPushToken): Promise<void> =>
      prisma.$transaction(async (tx) => {
        const { deviceId, provider, tokenHash, registeredAt } = token;
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`push-token|${tokenHash}`}, 0))`;
        await tx.pushToken.updateMany({
          where: { provider, tokenHash, deviceId: { not: deviceId } },
          data: { active: false },
        });
        await tx.pushToken.upsert({
          where: { deviceId_provider: { deviceId, provider } },
          create: { ...token, active: true },
          update: { tokenHash, active: true, registeredAt },
        });
      }),
  };
}

export type NewPushToken = {
  readonly deviceId: string;
  readonly provider: string;
  readonly tokenHash: string;
  readonly registeredAt: Date;
};

function createQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Newest first. */
    findDevicesOfOwners: (reader: Reader, ownerIds: readonly string[]) =>
      prisma.device.findMany({
        where: { tenant: reader.tenant, ...isVisible(reader, "Device"), ownerId: { in: [...ownerIds] } },
        orderBy: [{ registeredAt: "desc" }, { id: "desc" }],
      }),
    findDevices: (owner: Owner, ids: readonly string[]) =>
      prisma.device.findMany({ where: { ...ownedBy(owner), id: { in: [...ids] } } }),
    /** The first registration decides id, owner and residency; a later one tells what runs now. */
    saveDevice: ({ id, ...device }: Prisma.DeviceCreateInput & { readonly lastSeenAt: Date }) =>
      prisma.device.upsert({
        where: { id },
        create: { id, ...device },
        update: {
          platform: device.platform,
          model: device.model ?? null,
          appVersion: device.appVersion,
          lastSeenAt: device.lastSeenAt,
        },
      }),

    findSyncCursors: (deviceIds: readonly string[]) =>
      prisma.syncCursor.findMany({ where: { deviceId: { in: [...deviceIds] } }, orderBy: { scope: "asc" } }),
    /** The hash stays in the database: nothing needs to read it. */
    findPushTokens: (deviceIds: readonly string[]) =>
      prisma.pushToken.findMany({
        where: { deviceId: { in: [...deviceIds] } },
        omit: { tokenHash: true },
        orderBy: { provider: "asc" },
      }),

    /** In the order in which they were made, at most `first` of each device. */
    findMutationsOfDevices: async (deviceIds: readonly string[], first: number) =>
      mutationRow.array().parse(
        await prisma.$queryRaw`
          SELECT ${mutationColumns}
          FROM unnest(${deviceIds}::uuid[]) AS parent (id) CROSS JOIN LATERAL (
            SELECT * FROM mobile.offline_mutation WHERE device_id = parent.id ORDER BY sequence LIMIT ${first}::int
          ) AS mutation
          ORDER BY mutation.device_id, mutation.sequence`,
      ),
    findMutations: async (owner: Owner, ids: readonly string[]) =>
      mutationRow.array().parse(
        await prisma.$queryRaw`
          SELECT ${mutationColumns}
          FROM mobile.offline_mutation AS mutation JOIN mobile.device ON device.id = mutation.device_id
          WHERE device.tenant = ${owner.tenant} AND device.owner_id = ${owner.id}::uuid
            AND mutation.id = ANY(${ids}::uuid[])`,
      ),

    /** Newest first, those on the owner's devices. */
    findPins: async (owner: Owner, assessmentIds: readonly string[]) =>
      pinRow.array().parse(
        await prisma.$queryRaw`
          SELECT pin.assessment_id AS "assessmentId", pin.device_id AS "deviceId", pin.synced_at AS "syncedAt"
          FROM mobile.assessment_pin AS pin JOIN mobile.device ON device.id = pin.device_id
          WHERE device.tenant = ${owner.tenant} AND device.owner_id = ${owner.id}::uuid
            AND pin.assessment_id = ANY(${assessmentIds}::uuid[])
          ORDER BY pin.assessment_id, pin.pinned_at DESC, pin.device_id`,
      ),
    /** Pinning again changes nothing. */
    insertPin: async (pin: Prisma.AssessmentPinCreateManyInput): Promise<void> => {
      await prisma.assessmentPin.createMany({ data: [pin], skipDuplicates: true });
    },

    /** Newest first. */
    findNotifications: (owner: Owner, take: number, unreadOnly: boolean) =>
      prisma.notification.findMany({
        where: {
          ...ownedBy(owner),
          ...isVisible(owner, "Notification"),
          ...(unreadOnly ? { readAt: null } : {}),
        },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
        take,
      }),
    findNotificationsById: (owner: Owner, ids: readonly string[]) =>
      prisma.notification.findMany({ where: { ...ownedBy(owner), id: { in: [...ids] } } }),
    /** The first reading counts. */
    markNotificationRead: async (owner: Owner, id: string, readAt: Date): Promise<void> => {
      await prisma.notification.updateMany({
        where: { ...ownedBy(owner), id, readAt: null },
        data: { readAt },
      });
    },

    seed: async (rows: SeedRows): Promise<void> => {
      await prisma.device.createMany({ data: rows.devices, skipDuplicates: true });
      await prisma.syncCursor.createMany({ data: rows.cursors, skipDuplicates: true });
      await prisma.offlineMutation.createMany({ data: rows.mutations, skipDuplicates: true });
      await prisma.assessmentPin.createMany({ data: rows.pins, skipDuplicates: true });
      await prisma.notification.createMany({ data: rows.notifications, skipDuplicates: true });
    },
  };
}

export type SeedRows = {
  readonly devices: Prisma.DeviceCreateManyInput[];
  readonly cursors: Prisma.SyncCursorCreateManyInput[];
  readonly mutations: Prisma.OfflineMutationCreateManyInput[];
  readonly pins: Prisma.AssessmentPinCreateManyInput[];
  readonly notifications: Prisma.NotificationCreateManyInput[];
};

const mutationColumns = Prisma.sql`
  mutation.id, mutation.residency, mutation.device_id AS "deviceId", mutation.sequence, mutation.name,
  mutation.status, mutation.refusal, mutation.received_at AS "receivedAt"`;

/** As far as policies let the reader see rows of this type. */
function isVisible(reader: Reader, type: "Device" | "Notification"): Where {
  return toWhere(reader, type, { residency: residencyField });
}

function ownedBy({ tenant, id }: Owner): { readonly tenant: string; readonly ownerId: string } {
  return { tenant, ownerId: id };
}
