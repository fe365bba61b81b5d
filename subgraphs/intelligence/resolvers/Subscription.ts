import type { SubscriptionResolvers } from "../generated/resolvers.ts";
import type { SignalMapper } from "../mappers.ts";
import { parseSignalFilter } from "./parseArguments.ts";

export const Subscription: SubscriptionResolvers = {
  signalReceived: {
    subscribe: (_root, { filter }, { signalFeed, caller }) =>
      signalFeed.subscribe(caller.tenant, parseSignalFilter(filter)),
    resolve: (signal: SignalMapper) => signal,
  },
};
