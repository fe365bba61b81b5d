import { getUuid } from "../../shared/ids.ts";
import { parseFirst } from "../../shared/page.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";

export const Query: QueryResolvers = {
  devices: async (_root, _args, { loaders, owner }) => [...(await loaders.devicesOfOwner.load(owner.id))],
  device: (_root, { id }, { loaders }) => loaders.device.load(getUuid(id, "Device")),
  notifications: (_root, { first, unreadOnly }, { db, owner }) =>
    db.findNotifications(owner, parseFirst(first ?? 20, 100), unreadOnly ?? false),
};
