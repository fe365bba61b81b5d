import { describe, expect, test } from "@jest/globals";
import { ConfigError, parseConfig } from "./config.ts";

function faultsOf(env: Readonly<Record<string, string>>, names?: Readonly<Record<string, string>>): string {
  try {
    parseConfig(env, names);
    return "none";
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
}

describe("parseConfig", () => {
  test("has a default for everything, and the safe profile", () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      profile: "production",
      host: "127.0.0.1",
      port: 4000,
      supergraph: "./supergraph.yaml",
      identity: { kind: "off" },
      contextSecret: undefined,
      forwardHeaders: [],
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("takes an empty variable for one that is not set", () => {
    expect(parseConfig({ ATLAS_PORT: "", ATLAS_CONTEXT_SECRET: "" }).port).toBe(4000);
  });

  test("reads lists, pairs and secrets", () => {
    const config = parseConfig({
      ATLAS_ROUTING_URLS: "a=http://a.test/graphql?x=1, b=https://b.test",
      ATLAS_FORWARD_HEADERS: "Authorization, x-tenant,authorization",
      ATLAS_CONTEXT_SECRET: Buffer.alloc(32, 7).toString("base64url"),
    });
    expect([...config.routingUrls]).toEqual([
      ["a", "http://a.test/graphql?x=1"],
      ["b", "https://b.test"],
    ]);
    expect(config.forwardHeaders).toEqual(["authorization", "x-tenant"]);
    expect(config.contextSecret).toEqual(new Uint8Array(32).fill(7));
  });

  test("reports all faults together, by name and without a value", () => {
    const message = faultsOf({
      ATLAS_PORT: "seventy",
      ATLAS_CONTEXT_SECRET: "hunter2",
      ATLAS_ROUTING_URLS: "regions=ftp://user:hunter2@host",
      ATLAS_LOG_LEVEL: "loud",
      ATLAS_DEPTH_MAX: "0",
    });
    expect(message.split("\n").slice(1).sort()).toEqual([
      "  ATLAS_CONTEXT_SECRET: expected 32 bytes in base64url",
      "  ATLAS_DEPTH_MAX: expected a whole number from 1 to 1000000000",
      "  ATLAS_LOG_LEVEL: expected debug, info, warn, error or silent",
      "  ATLAS_PORT: expected a port from 0 to 65535",
      "  ATLAS_ROUTING_URLS: expected name=url pairs with http or https URLs, separated by commas",
    ]);
    expect(message).not.toMatch(/hunter2|seventy|loud/);
  });

  test("wants an identity whole or not at all", () => {
    expect(faultsOf({ ATLAS_ISSUER: "https://issuer.test" })).toMatch(/ATLAS_AUDIENCE.*\n.*ATLAS_JWKS_URL/);
    const whole = { ATLAS_ISSUER: "i", ATLAS_AUDIENCE: "a", ATLAS_JWKS_URL: "https://issuer.test/jwks" };
    expect(parseConfig(whole).identity).toEqual({
      kind: "jwt",
      issuer: "i",
      audience: "a",
      jwksUrl: "https://issuer.test/jwks",
    });
  });

  test.each(["atlas-context", "Host", "content-length", "x y"])("does not forward the header %p", (name) => {
    expect(faultsOf({ ATLAS_FORWARD_HEADERS: name })).toContain(
      "ATLAS_FORWARD_HEADERS: expected header names",
    );
  });

  test("calls a variable by its flag where it came from one", () => {
    expect(faultsOf({ ATLAS_PORT: "x" }, { ATLAS_PORT: "--port" })).toContain("--port: expected a port");
  });
});
