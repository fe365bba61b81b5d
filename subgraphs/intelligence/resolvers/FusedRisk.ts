/** A risk that is computed when it is asked for. */
import { parseFirst } from "../../shared/page.ts";
import type { FusedRiskResolvers } from "../generated/resolvers.ts";

export const FusedRisk: FusedRiskResolvers = {
  country: ({ countryCode }) => ({ code: countryCode }),
  contributions: ({ contributions }) => [...contributions],
  missing: ({ missing }) => [...missing],
  signals: async ({ signals }, { first }, { loaders }) => {
    const heaviest = signals.slice(0, parseFirst(first ?? 10, 50));
    const rows = await Promise.all(heaviest.map(({ id }) => loaders.signal.load(id)));
    // One that was taken back since is no longer there.
    return heaviest.flatMap(({ weight, copies }, index) => {
      const signal = rows[index];
      return signal ? [{ signal, weight, copyCount: copies.length }] : [];
    });
  },
  removal: ({ counterfactual: { removal } }) =>
    removal && { signalCount: removal.signalIds.length, level: removal.level },
  arrival: ({ counterfactual: { arrival } }) => arrival,
  conflict: ({ conflict }) => conflict && { ...conflict, mass: conflict.conflict },
};
