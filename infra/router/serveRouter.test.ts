import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { listenOnFreePort } from "../../test/support/listenOnFreePort.ts";
import { regionPlaces } from "./places.ts";
import { createRouter } from "./serveRouter.ts";
import { watchGateways } from "./watchGateways.ts";

type Word = { code: string; role: string; status: string };

/** Stands in for three gateways: each tells what it knows of the regions, or nothing. */
const says = new Map<string, readonly Word[] | undefined>();
const servers: Server[] = [];
const urls = new Map<string, string>();
const apps: FastifyInstance[] = [];
let now = new Date(0);

const everybody = (changes: Readonly<Record<string, string>> = {}, primary = "us-east"): Word[] =>
  regionPlaces.map(({ region }) => ({
    code: region,
    role: region === primary ? "PRIMARY" : "ACTIVE",
    status: changes[region] ?? "SERVING",
  }));

beforeEach(async () => {
  now = new Date(0);
  for (const { region } of regionPlaces) {
    says.set(region, everybody());
    const server = createServer((_request, response) => {
      const regions = says.get(region);
      response.writeHead(regions ? 200 : 503).end(JSON.stringify({ data: regions ? { regions } : null }));
    });
    urls.set(region, `http://127.0.0.1:${await listenOnFreePort(server)}`);
    servers.push(server);
  }
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  for (const server of servers.splice(0)) server.close();
});

function openRouter() {
  const clock = { probeTimeoutMs: 5_000, missesUntilDown: 3, sightingLastsMs: 75_000 };
  const watch = watchGateways({ gateways: urls, clock, now: () => now });
  const app = createRouter({
    places: regionPlaces,
    ...watch,
    urlOf: (region) => urls.get(region) ?? "",
    ttlS: 60,
  });
  apps.push(app);
  const listening = app.listen({ host: "127.0.0.1", port: 0 });
  const get = async (path: string) => {
    const response = await fetch(new URL(path, await listening));
    const body: unknown = await response.json();
    return { statusCode: response.status, headers: Object.fromEntries(response.headers), body };
  };
  const look = async (times = 1) => {
    for (let time = 0; time < times; time += 1) {
      now = new Date(now.getTime() + 10_000);
      await watch.look();
    }
  };
  return { get, look };
}

test("tells where a client belongs, how long that holds, and who else would do", async () => {
  const { get, look } = openRouter();
  await look();
  expect(await get("/route?country=de")).toMatchObject({
    statusCode: 200,
    headers: { "cache-control": "max-age=60" },
    body: {
      region: "eu-west",
      url: urls.get("eu-west"),
      ranked: ["eu-west", "us-east", "ap-southeast"],
      isBlind: false,
    },
  });
});

test("leaves out a region that it misses three times, and not before", async () => {
  const { get, look } = openRouter();
  await look();
  says.set("eu-west", undefined);
  await look(2);
  expect((await get("/route?country=DE")).body).toMatchObject({ region: "eu-west" });
  await look();
  expect((await get("/route?country=DE")).body).toMatchObject({ region: "us-east" });
  says.set("eu-west", everybody());
  await look();
  expect((await get("/route?country=DE")).body).toMatchObject({ region: "eu-west" });
});

test("follows what the primary says of the others, before what they say themselves", async () => {
  const { get, look } = openRouter();
  says.set("us-east", everybody({ "us-east": "DRAINING" }, "ap-southeast"));
  says.set("eu-west", everybody({}, "us-east"));
  says.set("ap-southeast", everybody({ "eu-west": "DRAINING" }, "ap-southeast"));
  await look();
  expect((await get("/route?country=DE")).body).toMatchObject({ ranked: ["us-east", "ap-southeast"] });
});

test("refuses data of a jurisdiction whose region is down, with a code and when to ask again", async () => {
  const { get, look } = openRouter();
  says.set("us-east", everybody({ "eu-west": "DOWN" }));
  await look();
  expect(await get("/route?country=US&residency=eu")).toMatchObject({
    statusCode: 503,
    headers: { "retry-after": "60" },
    body: {
      errors: [{ extensions: { code: "REGION_UNAVAILABLE" }, message: expect.stringContaining("eu-west") }],
    },
  });
  expect((await get("/route?country=DE")).body).toMatchObject({ region: "us-east" });
});

test.each([
  ["/route?country=Germany", 400, "BAD_USER_INPUT"],
  ["/route?residency=EU", 400, "BAD_USER_INPUT"],
  ["/route?country=DE&country=US", 400, "BAD_USER_INPUT"],
  ["/route?residency=mars", 404, "RESIDENCY_UNKNOWN"],
])("%s is refused", async (path, statusCode, code) => {
  const { get } = openRouter();
  expect(await get(path)).toMatchObject({ statusCode, body: { errors: [{ extensions: { code } }] } });
});
