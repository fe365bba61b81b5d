/** The router over HTTP: `/route` tells where a client belongs and why, `/regions` what is known. */
import Fastify, { type FastifyInstance } from "fastify";
import { z } from "zod";
import type { RegionStatus } from "../../gateway/routing/rankRegions.ts";
import type { Sighting } from "../../subgraphs/regions/domain/failover/countProbe.ts";
import type { RegionPlace } from "./places.ts";
import { routeClient } from "./routeClient.ts";

export type RouterOptions = {
  readonly places: readonly RegionPlace[];
  readonly statusOf: (region: string) => RegionStatus;
  readonly sightings: () => readonly Sighting[];
  readonly urlOf: (region: string) => string;
  readonly ttlS: number;
};

const clientSchema = z.object({
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "expected two letters (ISO 3166-1), such as DE")
    .optional(),
  residency: z
    .string()
    .regex(/^[a-z]{2,16}$/, "expected a residency such as eu or global")
    .default("global"),
});

export function createRouter({ places, statusOf, sightings, urlOf, ttlS }: RouterOptions): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true });

  app.get("/health/live", () => ({ status: "alive" }));
  app.get("/regions", (_request, reply) => {
    reply.header("cache-control", "no-store");
    return {
      regions: places.map(({ region, holds }) => ({
        region,
        holds,
        status: statusOf(region),
        url: urlOf(region),
      })),
      sightings: sightings(),
    };
  });
  app.get("/route", (request, reply) => {
    const parsed = clientSchema.safeParse(request.query);
    if (!parsed.success) {
      const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      return reply.code(400).send(toErrors("BAD_USER_INPUT", faults.join("; ")));
    }
    const { residency } = parsed.data;
    const route = routeClient(parsed.data, places, statusOf);
    if (route.kind === "unknown")
      return reply
        .code(404)
        .send(toErrors("RESIDENCY_UNKNOWN", `expected a residency that some region holds; got ${residency}`));
    if (route.kind === "down") {
      const text = `rows of ${residency} may be served by ${route.regions.join(", ")} alone, and none of these serves now`;
      return reply.code(503).header("retry-after", String(ttlS)).send(toErrors("REGION_UNAVAILABLE", text));
    }
    const { region, ranked, isBlind } = route;
    return reply
      .header("cache-control", `max-age=${ttlS}`)
      .send({ region, url: urlOf(region), ranked, isBlind, keepForSeconds: ttlS });
  });
  return app;
}

/** In the form of GraphQL's errors, as every other endpoint of Atlas has them. */
function toErrors(code: string, message: string) {
  return { errors: [{ message, extensions: { code } }] };
}
