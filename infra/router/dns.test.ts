/** Asked by the resolver that Node ships (c-ares), over UDP. */
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { RegionStatus } from "../../gateway/routing/rankRegions.ts";
import { readQuery } from "./dnsMessage.ts";
import { localZone, regionPlaces } from "./places.ts";
import { type DnsServer, serveDns } from "./serveDns.ts";

const statuses = new Map<string, RegionStatus>();
const resolver = new Resolver({ timeout: 5_000, tries: 2 });
let server: DnsServer;

beforeAll(async () => {
  server = await serveDns(
    {
      zone: localZone,
      places: regionPlaces,
      statusOf: (region) => statuses.get(region) ?? "SERVING",
      addressOf: (region) => ({
        address: `127.0.0.${regionPlaces.findIndex((one) => one.region === region) + 1}`,
        port: 4_000,
      }),
      ttlS: 60,
    },
    { host: "127.0.0.1", port: 0 },
  );
  resolver.setServers([`127.0.0.1:${server.port}`]);
});
beforeEach(() => statuses.clear());
afterAll(() => server.close());

test("the api is an alias of a region that serves, with its address and how long to keep it", async () => {
  expect(await resolver.resolve4("api.atlas.test", { ttl: true })).toEqual([
    { address: "127.0.0.1", ttl: 60 },
  ]);
  expect(await resolver.resolveCname("api.atlas.test")).toEqual(["us-east.atlas.test"]);
  statuses.set("us-east", "DOWN");
  expect(await resolver.resolveCname("api.atlas.test")).toEqual(["eu-west.atlas.test"]);
  expect(await resolver.resolve4("api.atlas.test")).toEqual(["127.0.0.2"]);
});

test("a client's country chooses among those that serve", async () => {
  expect(await resolver.resolveCname("sg.geo.api.atlas.test")).toEqual(["ap-southeast.atlas.test"]);
  statuses.set("ap-southeast", "DRAINING");
  expect(await resolver.resolveCname("sg.geo.api.atlas.test")).toEqual(["eu-west.atlas.test"]);
});

test("data of one jurisdiction is nowhere while its region is down, and that is no missing name", async () => {
  expect(await resolver.resolveCname("eu.api.atlas.test")).toEqual(["eu-west.atlas.test"]);
  statuses.set("eu-west", "DOWN");
  await expect(resolver.resolve4("eu.api.atlas.test")).rejects.toMatchObject({ code: "ESERVFAIL" });
  expect(await resolver.resolve4("api.atlas.test")).toEqual(["127.0.0.1"]);
});

test("a region can be asked for by its name, and where it listens", async () => {
  statuses.set("eu-west", "DOWN");
  expect(await resolver.resolve4("eu-west.atlas.test")).toEqual(["127.0.0.2"]);
  expect(await resolver.resolveSrv("_https._tcp.api.atlas.test")).toEqual([
    { name: "us-east.atlas.test", port: 4_000, priority: 0, weight: 0 },
  ]);
});

test.each([
  ["mars.api.atlas.test", "ENOTFOUND"],
  ["nothing.atlas.test", "ENOTFOUND"],
  ["xapi.atlas.test", "ENOTFOUND"],
  ["example.com", "EREFUSED"],
  ["notatlas.test", "EREFUSED"],
])("%s is refused with %s", async (name, code) => {
  await expect(resolver.resolve4(name)).rejects.toMatchObject({ code });
});

test("a type that the zone does not have is an empty answer for a name that it has", async () => {
  await expect(resolver.resolveMx("eu-west.atlas.test")).rejects.toMatchObject({ code: "ENODATA" });
});

test("what is no query is not answered and breaks nothing", async () => {
  const socket = createSocket("udp4");
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.alloc(11),
    Buffer.alloc(300, 0xff),
    Buffer.from("GET / HTTP/1.1\r\n"),
  ])
    await new Promise<void>((resolve) => socket.send(bytes, server.port, "127.0.0.1", () => resolve()));
  socket.close();
  expect(await resolver.resolve4("api.atlas.test")).toEqual(["127.0.0.1"]);
});

test("a cut, a looped and an endless question are read as none", () => {
  const head = Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const read = (...bytes: readonly number[]) => readQuery(Buffer.concat([head, Buffer.from(bytes)]));
  expect(read(3, 97, 112)).toBeNull();
  expect(read(0xc0, 12, 0, 1, 0, 1)).toBeNull();
  expect(read(...Array.from({ length: 300 }, () => [1, 97]).flat(), 0, 0, 1, 0, 1)).toBeNull();
  expect(read(3, 65, 112, 105, 0, 0, 1, 0, 1)?.question).toEqual({ name: "api", type: 1, class: 1 });
});
