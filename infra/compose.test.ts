import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfig } from "../gateway/config.ts";
import { parseSubgraphConfig } from "../subgraphs/shared/config.ts";
import { checkout } from "./local/paths.ts";
import { ports } from "./local/ports.ts";
import { subgraphNames } from "./local/subgraphNames.ts";
import { makeSigningKey, publicKeyOf } from "./policies/makeSigningKey.ts";

const service = z.looseObject({
  command: z.string().optional(),
  environment: z.record(z.string(), z.coerce.string()),
});
const text = readFileSync(join(checkout, "infra/compose.yaml"), "utf8");
const { services } = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(text, { merge: true }));

describe("compose.yaml", () => {
  test("has PostgreSQL 18, the gateway and every subgraph", () => {
    expect(Object.keys(services).sort()).toEqual(
      ["postgres", "migrate", "seed", "policies", "gateway", ...subgraphNames].sort(),
    );
    expect(services.postgres).toMatchObject({ image: "postgres:18" });
  });

  test.each(subgraphNames)("gives %s its port, its own role and an environment that it accepts", (name) => {
    const environment = withSecrets(services[name]?.environment ?? {});
    expect(environment.DATABASE_URL).toContain(`//atlas_${name}:`);
    expect(parseSubgraphConfig(environment).port).toBe(ports[name]);
  });

  test("gives the gateway its port, every subgraph's address and an environment that it accepts", () => {
    const config = parseConfig(withSecrets(services.gateway?.environment ?? {}));
    expect(config.port).toBe(ports.gateway);
    expect(Object.fromEntries(config.routingUrls)).toEqual(
      Object.fromEntries(subgraphNames.map((name) => [name, `http://${name}:${ports[name]}/graphql`])),
    );
  });
});

/** As compose fills them in: required ones with 32 bytes in base64url, optional ones with nothing. */
function withSecrets(environment: Readonly<Record<string, string>>): Record<string, string> {
  const filled = Object.entries(environment).map(([name, value]) => {
    const secret =
      name === "ATLAS_POLICY_KEYS"
        ? publicKeyOf(makeSigningKey())
        : Buffer.alloc(32, 7).toString("base64url");
    return [name, value.replaceAll(/\$\{\w+:\?\}/g, secret).replaceAll(/\$\{\w+:-\}/g, "")] as const;
  });
  return Object.fromEntries(filled);
}
