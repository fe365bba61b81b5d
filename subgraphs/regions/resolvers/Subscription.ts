import type { Context } from "../context.ts";
import type { SubscriptionResolvers } from "../generated/resolvers.ts";

export const Subscription: SubscriptionResolvers = {
  regionHealthChanged: {
    subscribe: (_root, { code }, { regionFeed }) => regionFeed.subscribe(code ?? undefined),
    resolve: (code: string, _args: unknown, { loaders }: Context) => loaders.regionByCode.load(code),
  },
};
