/** One batch function for each key, made anew for each request. */
import { createArgumentLoader } from "../shared/createArgumentLoader.ts";
import { createListLoader, createLoader } from "../shared/createLoader.ts";
import type { Db } from "./db.ts";
import type { Owner } from "./owner.ts";

export type Loaders = ReturnType<typeof createLoaders>;

/** What is asked for by its own id is bounded by `owner`; what is asked for by device comes from a device that was. */
export function createLoaders(db: Db, owner: Owner) {
  return {
    device: createLoader(
      (ids) => db.findDevices(owner, ids),
      (device) => device.id,
    ),
    devicesOfOwner: createListLoader(
      (ownerIds) => db.findDevicesOfOwners(owner, ownerIds),
      (device) => device.ownerId,
    ),
    cursorsOfDevice: createListLoader(db.findSyncCursors, (cursor) => cursor.deviceId),
    pushTokensOfDevice: createListLoader(db.findPushTokens, (token) => token.deviceId),
    mutationsOfDevice: createArgumentLoader(db.findMutationsOfDevices, (mutation) => mutation.deviceId),
    mutation: createLoader(
      (ids) => db.findMutations(owner, ids),
      (mutation) => mutation.id,
    ),
    pinsOfAssessment: createListLoader(
      (assessmentIds) => db.findPins(owner, assessmentIds),
      (pin) => pin.assessmentId,
    ),
    notification: createLoader(
      (ids) => db.findNotificationsById(owner, ids),
      (notification) => notification.id,
    ),
  };
}
