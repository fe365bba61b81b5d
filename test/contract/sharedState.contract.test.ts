/** What the gateway keeps between requests, in its process or in Redis, keeps the same promises in both. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { createMemoryCache } from "../../gateway/documents/createMemoryCache.ts";
import { createRedisCache } from "../../gateway/documents/createRedisCache.ts";
import type { DocumentCache } from "../../gateway/documents/documentCache.ts";
import { openRedis } from "../../gateway/openRedis.ts";
import { createAnonymousCaller, type IdentifiedCaller } from "../../gateway/stages/identifyCaller.ts";
import { createLimitRate, type RateLimits } from "../../gateway/stages/limitRate.ts";
import { describeWhere } from "../support/describeWhere.ts";
import { startRedis, type TestRedis } from "../support/startRedis.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const off: RateLimits = { caller: undefined, operation: undefined, cost: undefined };
const limited = { code: "RATE_LIMITED", status: 429 };
const anonymous = createAnonymousCaller("us-east");
const at = (address: string) => ({ caller: anonymous, address });
const known = (subject: string, tenant: string) => {
  const caller: IdentifiedCaller = { ...anonymous, kind: "identified", subject, tenant, expiresAt: 0 };
  return { caller, address: "192.0.2.1" };
};

function keepsDocuments(open: () => DocumentCache): void {
  test("finds the text that was kept, and nothing else", async () => {
    const cache = open();
    const text = "{ a # ñ 日本 \n }";
    await cache.keep(hash(text), text);
    expect(await cache.find(hash(text))).toBe(text);
    expect(await cache.find(hash("another"))).toBeUndefined();
    expect(await cache.find("__proto__")).toBeUndefined();
  });

  test("keeps a text of a megabyte, and keeping it twice changes nothing", async () => {
    const cache = open();
    const text = `{ a } #${"x".repeat(1_000_000)}`;
    await cache.keep(hash(text), text);
    await cache.keep(hash(text), text);
    expect(await cache.find(hash(text))).toBe(text);
  });
}

function limitsRates(open: (limits: RateLimits) => ReturnType<typeof createLimitRate>): void {
  test("lets a caller's requests through up to the limit, and says when to come back", async () => {
    const { countRequest } = open({ ...off, caller: { points: 3, seconds: 60 } });
    for (let count = 0; count < 3; count += 1) await countRequest(at("192.0.2.7"));
    await expect(countRequest(at("192.0.2.7"))).rejects.toMatchObject({
      ...limited,
      details: { retryAfterSeconds: expect.any(Number) },
    });
    await countRequest(at("192.0.2.8"));
  });

  test("knows a caller by subject and tenant, wherever it calls from", async () => {
    const { countRequest } = open({ ...off, caller: { points: 1, seconds: 60 } });
    await countRequest(known("ana", "acme"));
    await countRequest(known("ana", "other"));
    await countRequest(known("bob", "acme"));
    await expect(countRequest({ ...known("ana", "acme"), address: "198.51.100.1" })).rejects.toMatchObject(
      limited,
    );
  });

  test("lets through again once the time is over", async () => {
    const { countRequest } = open({ ...off, caller: { points: 1, seconds: 1 } });
    await countRequest(at("192.0.2.9"));
    await expect(countRequest(at("192.0.2.9"))).rejects.toMatchObject(limited);
    await sleep(1_100);
    await countRequest(at("192.0.2.9"));
  });

  test("counts the runs of each operation apart", async () => {
    const { countOperation } = open({ ...off, operation: { points: 1, seconds: 60 } });
    await countOperation(at("192.0.2.10"), "{ a }", 1);
    await countOperation(at("192.0.2.10"), "{ b }", 1);
    await expect(countOperation(at("192.0.2.10"), "{ a }", 1)).rejects.toMatchObject(limited);
  });

  test("spends the budget of cost by what operations cost", async () => {
    const { countOperation } = open({ ...off, cost: { points: 100, seconds: 60 } });
    await countOperation(at("192.0.2.11"), "{ a }", 90);
    await countOperation(at("192.0.2.11"), "{ free }", 0);
    await expect(countOperation(at("192.0.2.11"), "{ b }", 20)).rejects.toMatchObject(limited);
  });

  test("is exact when everybody comes at once", async () => {
    const { countRequest } = open({ ...off, caller: { points: 10, seconds: 60 } });
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => countRequest(at("192.0.2.12"))),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
  });
}

describe("in process", () => {
  keepsDocuments(() => createMemoryCache(10_000_000));
  limitsRates((limits) => createLimitRate({ limits, redis: undefined }));

  test("forgets the texts that were used longest ago when the room is full", async () => {
    const cache = createMemoryCache(10_000);
    const texts = Array.from({ length: 20 }, (_, count) => `{ f${count} } ${"#".repeat(500)}`);
    for (const text of texts) await cache.keep(hash(text), text);
    expect(await cache.find(hash(texts[0] ?? ""))).toBeUndefined();
    expect(await cache.find(hash(texts[19] ?? ""))).toBe(texts[19]);
  });
});

describeWhere("redis-server", "in Redis", (program) => {
  let server: TestRedis;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis(program);
    redis = await connect(server);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.[Symbol.asyncDispose]();
  });

  keepsDocuments(() => createRedisCache({ redis }));
  describe("with counters of its own for each test", () => {
    limitsRates((limits) => createLimitRate({ limits, redis }));
  });

  test("two gateways share what they know and what they count", async () => {
    const other = await connect(server);
    await createRedisCache({ redis }).keep(hash("{ shared }"), "{ shared }");
    expect(await createRedisCache({ redis: other }).find(hash("{ shared }"))).toBe("{ shared }");
    const limits = { ...off, caller: { points: 1, seconds: 60 } };
    await createLimitRate({ limits, redis }).countRequest(at("192.0.2.20"));
    await expect(
      createLimitRate({ limits, redis: other }).countRequest(at("192.0.2.20")),
    ).rejects.toMatchObject(limited);
    other.disconnect();
  });

  test("holds no name and no address in clear", async () => {
    await createLimitRate({ limits: { ...off, caller: { points: 1, seconds: 60 } }, redis }).countRequest(
      known("anastasia", "acme"),
    );
    const keys = (await redis.keys("atlas:rate:*")).join("\n");
    expect(keys).not.toMatch(/anastasia|acme|192\.0\.2/);
  });

  test("while it is down, documents are unknown and each gateway counts by itself, at once", async () => {
    const failures: unknown[] = [];
    const cache = createRedisCache({ redis, onFailed: (cause) => failures.push(cause) });
    const { countRequest } = createLimitRate({
      limits: { ...off, caller: { points: 2, seconds: 60 } },
      redis,
    });
    await server.stop();
    const startedAt = performance.now();
    await cache.keep(hash("{ a }"), "{ a }");
    expect(await cache.find(hash("{ a }"))).toBeUndefined();
    await countRequest(at("192.0.2.30"));
    await countRequest(at("192.0.2.30"));
    await expect(countRequest(at("192.0.2.30"))).rejects.toMatchObject(limited);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(failures.length).toBeGreaterThan(0);

    await server.start();
    await whenReady(redis);
    await cache.keep(hash("{ a }"), "{ a }");
    expect(await cache.find(hash("{ a }"))).toBe("{ a }");
  });
});

async function connect({ url }: TestRedis): Promise<Redis> {
  const redis = openRedis(url, () => {});
  await whenReady(redis);
  return redis;
}

async function whenReady(redis: Redis): Promise<void> {
  while (redis.status !== "ready") await sleep(20);
}
