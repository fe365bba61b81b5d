import { getUuid } from "../../shared/ids.ts";
import type { SubscriptionResolvers } from "../generated/resolvers.ts";
import type { RoundMapper } from "../mappers.ts";

export const Subscription: SubscriptionResolvers = {
  federatedRoundChanged: {
    subscribe: (_root, { run }, { roundFeed }) =>
      roundFeed.subscribe(run ? getUuid(run, "FederatedRun") : null),
    resolve: (round: RoundMapper) => round,
  },
};
