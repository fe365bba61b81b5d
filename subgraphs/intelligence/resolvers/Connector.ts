import type { ConnectorResolvers } from "../generated/resolvers.ts";
import { toPublicName } from "../jobs/importers/reading/fetchUrl.ts";

export const Connector: ConnectorResolvers = {
  url: ({ url }) => toPublicName(new URL(url)),
};
