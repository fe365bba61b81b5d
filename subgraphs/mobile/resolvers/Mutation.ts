import { getGlobalId, getUuid, toGlobalId, toResidency } from "../../shared/ids.ts";
import { refuseLength } from "../../shared/parseInput.ts";
import { hashPushToken } from "../domain/hashPushToken.ts";
import { deviceIdOf, refuseDevice, refuseMove } from "../domain/registerDevice.ts";
import type { MobileRefusalReason, MutationResolvers } from "../generated/resolvers.ts";
import { isNobody } from "../owner.ts";

export const Mutation: MutationResolvers = {
  registerDevice: async (_root, { input }, { db, owner, loaders }) => {
    if (isNobody(owner)) return refuse("INVALID_INPUT", "expected a caller who is signed in; got nobody");
    const { installationId, platform, appVersion } = input;
    const facts = { installationId, platform, appVersion, model: input.model ?? null };
    const fault = refuseDevice(facts);
    if (fault !== null) return refuse("INVALID_INPUT", fault);
    const id = deviceIdOf(owner, installationId);
    const asked = input.residency ? toResidency(input.residency) : null;
    const move = refuseMove(await loaders.device.load(id), asked);
    if (move !== null) return refuse("INVALID_INPUT", move);

    const device = await db.saveDevice({
      ...facts,
      id,
      tenant: owner.tenant,
      residency: asked ?? owner.residency,
      ownerId: owner.id,
      ownerResidency: owner.residency,
      lastSeenAt: new Date(),
    });
    loaders.device.clear(id);
    loaders.devicesOfOwner.clear(owner.id);
    return { __typename: "DeviceChanged", device };
  },

  registerPushToken: async (_root, { input }, { db, loaders }) => {
    const fault = refuseLength("token", input.token, 4096);
    if (fault !== null) return refuse("INVALID_INPUT", fault);
    const device = await loaders.device.load(getUuid(input.deviceId, "Device"));
    if (device === null) return refuseUnknown("devices", input.deviceId);
    await db.savePushToken({
      deviceId: device.id,
      provider: input.provider,
      tokenHash: hashPushToken(input.token),
      registeredAt: new Date(),
    });
    loaders.pushTokensOfDevice.clearAll();
    return { __typename: "DeviceChanged", device };
  },

  pinAssessment: async (_root, { input }, { db, loaders }) => {
    const assessment = getGlobalId(input.assessmentId, "RiskAssessment");
    const device = await loaders.device.load(getUuid(input.deviceId, "Device"));
    if (device === null) return refuseUnknown("devices", input.deviceId);
    await db.insertPin({
      deviceId: device.id,
      assessmentId: assessment.uuid,
      assessmentResidency: assessment.residency,
    });
    loaders.pinsOfAssessment.clear(assessment.uuid);
    const id = toGlobalId(assessment.residency, "RiskAssessment", assessment.uuid);
    return { __typename: "AssessmentPinned", assessment: { id } };
  },

  markNotificationRead: async (_root, { id }, { db, owner, loaders }) => {
    const uuid = getUuid(id, "Notification");
    await db.markNotificationRead(owner, uuid, new Date());
    const notification = await loaders.notification.clear(uuid).load(uuid);
    if (notification === null) return refuseUnknown("notifications", id);
    return { __typename: "NotificationChanged", notification };
  },
};

function refuse(reason: MobileRefusalReason, message: string) {
  return { __typename: "MobileRefusal" as const, reason, message };
}

/** One answer for what is not there and for what is somebody else's, so that ids cannot be tried out. */
function refuseUnknown(kind: "devices" | "notifications", id: string) {
  return refuse("NOT_FOUND", `expected the id of one of your ${kind}; got ${JSON.stringify(id)}`);
}
