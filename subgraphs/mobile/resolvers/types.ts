/** Fields of the types, where the row alone does not answer. */
import { getRow } from "../../shared/getRow.ts";
import { getUuid, toGlobalId, toResidencyName } from "../../shared/ids.ts";
import { parseFirst } from "../../shared/page.ts";
import { findLastSync } from "../domain/findLastSync.ts";
import type {
  DeviceResolvers,
  NotificationResolvers,
  OfflineMutationResolvers,
  OfflineStateResolvers,
  RiskAssessmentResolvers,
  UserResolvers,
} from "../generated/resolvers.ts";

export const Device: DeviceResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.device.load(getUuid(id, "Device")),
  id: ({ residency, id }) => toGlobalId(residency, "Device", id),
  residency: ({ residency }) => toResidencyName(residency),
  owner: ({ ownerResidency, ownerId }) => ({ id: toGlobalId(ownerResidency, "User", ownerId) }),
  syncCursors: async ({ id }, _args, { loaders }) => [...(await loaders.cursorsOfDevice.load(id))],
  mutations: async ({ id }, { first }, { loaders }) => [
    ...(await loaders.mutationsOfDevice.load(id, parseFirst(first ?? 20, 100))),
  ],
  pushTokens: async ({ id }, _args, { loaders }) => [...(await loaders.pushTokensOfDevice.load(id))],
};

export const OfflineMutation: OfflineMutationResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.mutation.load(getUuid(id, "OfflineMutation")),
  id: ({ residency, id }) => toGlobalId(residency, "OfflineMutation", id),
  residency: ({ residency }) => toResidencyName(residency),
};

export const Notification: NotificationResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.notification.load(getUuid(id, "Notification")),
  id: ({ residency, id }) => toGlobalId(residency, "Notification", id),
  residency: ({ residency }) => toResidencyName(residency),
  assessment: ({ assessmentId, assessmentResidency }) =>
    assessmentId === null || assessmentResidency === null
      ? null
      : { id: toGlobalId(assessmentResidency, "RiskAssessment", assessmentId) },
};

export const OfflineState: OfflineStateResolvers = {
  devices: ({ pins }, _args, { loaders }) =>
    Promise.all(pins.map(({ deviceId }) => getRow(loaders.device, deviceId))),
  lastSyncedAt: ({ pins }) => findLastSync(pins),
};

export const RiskAssessment: RiskAssessmentResolvers = {
  offline: async ({ id }, _args, { loaders }) => ({
    pins: await loaders.pinsOfAssessment.load(getUuid(id, "RiskAssessment")),
  }),
};

export const User: UserResolvers = {
  devices: async ({ id }, _args, { loaders, owner }) =>
    getUuid(id, "User") === owner.id ? [...(await loaders.devicesOfOwner.load(owner.id))] : [],
};
