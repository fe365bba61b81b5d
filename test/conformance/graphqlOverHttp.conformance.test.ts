/**
 * The audits of graphql-http against a gateway that listens. MUST, SHOULD and MAY alike: each audit is a test of its own,
 * under its stable id (https://github.com/graphql/graphql-http).
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { serverAudits } from "graphql-http";
import { type Bookshop, startBookshop } from "../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../support/startGateway.ts";

describe.each(["production", "local"])("GraphQL over HTTP, profile %s", (profile) => {
  let shop: Bookshop;
  let gateway: TestGateway;

  beforeAll(async () => {
    shop = await startBookshop();
    gateway = await startGateway(shop.sdl, { ATLAS_PROFILE: profile });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await shop[Symbol.asyncDispose]();
  });

  const audits = serverAudits({ url: () => gateway.graphql });
  test.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))("%s %s", async (_id, _name, run) => {
    const result = await run();
    expect(result).toMatchObject({ status: "ok" });
  });
});
