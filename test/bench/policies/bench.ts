/**
 * `npm run bench:policies -- [--seconds N] [--rounds N]`: what policies cost on the heavy query of the public benchmark, in
 * CPU seconds of the gateway process per 1,000 requests. The same gateway over the same shop, with rules on every coordinate
 * of the schema and without, in turns. Every request is another caller's; their tokens were verified before. What
 * verification costs, and a batch of a thousand objects, is measured apart.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { composeServices } from "@apollo/composition";
import { buildASTSchema, execute, parse } from "graphql";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createIdentifyCaller } from "../../../gateway/stages/identifyCaller.ts";
import { type GatewayVariant, startGateway } from "../gateway/gateways.ts";
import { scenarios } from "../gateway/operations.ts";
import { readCpuSeconds } from "../gateway/processCost.ts";
import { addResolvers } from "../gateway/shop/addResolvers.ts";
import { monolithResolvers, monolithSdl, subgraphResolvers } from "../gateway/shop/resolvers.ts";
import { printBatches } from "./printBatches.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "10" }, rounds: { type: "string", default: "5" } },
});
const folder = resolve(".atlas/bench");
const [gatewayPort, shopPort] = [5_230, 5_231];
const callerCount = 2_000;
const otherCore = "1";
mkdirSync(folder, { recursive: true });

const issuer = await startIssuer();
const tokens = await Promise.all(Array.from({ length: callerCount }, (_, at) => issuer.sign(`caller-${at}`)));
writeFileSync(`${folder}/tokens.json`, JSON.stringify(tokens));
await printVerification();
await printBatches();
await printHeavy();
await issuer.close();

async function printHeavy(): Promise<void> {
  const scenario = scenarios.find(({ name }) => name === "heavy");
  if (!scenario) throw new Error("the heavy scenario is in operations.ts");
  const expected = await writeExpected(scenario.operation(0));
  const identity = {
    ATLAS_ISSUER: issuer.url,
    ATLAS_AUDIENCE: "atlas",
    ATLAS_JWKS_URL: `${issuer.url}/jwks`,
  };
  const rules = writeSupergraph("with-rules", true);
  const variants: Readonly<Record<string, GatewayVariant>> = {
    without: { supergraph: writeSupergraph("without-rules", false).path, environment: identity },
    with: {
      supergraph: rules.path,
      environment: {
        ...identity,
        ATLAS_PROFILE: "local",
        ATLAS_POLICY_KEYS: "unsigned",
        ATLAS_POLICIES: resolve("policies/bundle/atlas.tar.gz"),
      },
    },
  };
  const measured: Record<string, number[]> = { without: [], with: [] };
  const stopShop = await startShop();
  try {
    for (let round = 0; round < Number(values.rounds); round += 1)
      for (const [name, variant] of Object.entries(variants)) {
        const gateway = await startGateway("atlas", { ...variant, peersFolder: ".", port: gatewayPort });
        try {
          await load(gateway.url, expected, 0);
          const before = readCpuSeconds(gateway.pid);
          const { requests, wrong, firstWrong } = await load(gateway.url, expected, Number(values.seconds));
          if (wrong > 0)
            throw new Error(`${wrong} of ${requests} answers were wrong, the first: ${firstWrong}`);
          measured[name]?.push(((readCpuSeconds(gateway.pid) - before) / requests) * 1_000);
        } finally {
          await gateway.stop();
        }
      }
  } finally {
    stopShop();
  }
  const [without, withRules] = [median(measured.without), median(measured.with)];
  const ratios = measured.with?.map((cost, at) => cost / (measured.without?.[at] ?? Number.NaN)) ?? [];
  console.log(
    `heavy query, rules on ${rules.count} coordinates of the schema, ${callerCount} callers in turn:`,
  );
  console.log(`  CPU s per 1,000 requests: ${without.toFixed(3)} without, ${withRules.toFixed(3)} with`);
  console.log(
    `  ratio ${(withRules / without).toFixed(3)}, by rounds ${ratios.map((ratio) => ratio.toFixed(3)).join(", ")}`,
  );
}

/** In this process: what a token costs that is new, and one that came before. */
async function printVerification(): Promise<void> {
  const identity = { issuer: issuer.url, audience: "atlas", jwksUrl: `${issuer.url}/jwks` };
  const identify = createIdentifyCaller({ identity, region: "us-east" });
  const verifyAll = async () => {
    const before = process.cpuUsage();
    for (const token of tokens) await identify({ authorization: `Bearer ${token}` });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / tokens.length;
  };
  const fresh = await verifyAll();
  await verifyAll();
  console.log(
    `a token: ${fresh.toFixed(0)} µs of CPU when it is new (ES256), ${(await verifyAll()).toFixed(1)} µs again`,
  );
}

function writeSupergraph(name: string, hasRules: boolean): { readonly path: string; readonly count: number } {
  let count = 0;
  const rule = '@policy(policies: [["analysis"]])';
  const withRules = (sdl: string) =>
    sdl
      .replace(/federation\/v2\.3", import: \[/, 'federation/v2.9", import: ["@policy", ')
      .replace(/^ {2}(\w+)(\([^)]*\))?: [[\]\w!]+(?!.*@external)/gm, (field) => {
        count += 1;
        return `${field} ${rule}`;
      })
      .replace(/^type (User|Product|Review)( @key\([^)]*\))/gm, (type) => {
        count += 1;
        return `${type} ${rule}`;
      });
  const { supergraphSdl, errors } = composeServices(
    Object.keys(subgraphResolvers).map((service, index) => {
      const sdl = readFileSync(new URL(`../gateway/shop/${service}.graphql`, import.meta.url), "utf8");
      return {
        name: service,
        url: `http://127.0.0.1:${shopPort + index}/graphql`,
        typeDefs: parse(hasRules ? withRules(sdl) : sdl),
      };
    }),
  );
  if (!supergraphSdl)
    throw new Error(`the shop does not compose: ${errors?.map(({ message }) => message).join("; ")}`);
  const path = `${folder}/${name}.graphql`;
  writeFileSync(path, supergraphSdl);
  return { path, count };
}

async function writeExpected(operation: string): Promise<string> {
  const schema = addResolvers(buildASTSchema(parse(monolithSdl)), monolithResolvers);
  const { data, errors } = await execute({ schema, document: parse(operation) });
  if (errors) throw errors[0];
  writeFileSync(`${folder}/heavy.expected.json`, JSON.stringify(data));
  return `${folder}/heavy.expected.json`;
}

type Load = { readonly requests: number; readonly wrong: number; readonly firstWrong: string | null };

function load(url: string, expected: string, seconds: number): Promise<Load> {
  const script = new URL("../gateway/generateLoad.js", import.meta.url).pathname;
  const child = spawn(
    "taskset",
    ["-c", otherCore, "node", script, url, "heavy", expected, String(seconds), "0", `${folder}/tokens.json`],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((settle, reject) => {
    child.on("exit", (code) =>
      code === 0
        ? settle(JSON.parse(output) as Load)
        : reject(new Error(`the load generator ended with ${code}`)),
    );
  });
}

async function startShop(): Promise<() => void> {
  const script = new URL("../gateway/serveShop.js", import.meta.url).pathname;
  const child = spawn("taskset", ["-c", otherCore, "node", script, String(shopPort), "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((settle, reject) => {
    child.stdout.once("data", () => settle());
    child.once("exit", (code) => reject(new Error(`the subgraphs ended with ${code}`)));
  });
  return () => void child.kill();
}

async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "bench", alg: "ES256", use: "sig" }];
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    sign: (subject: string) =>
      new SignJWT({
        tenant: "acme",
        roles: ["analyst"],
        scope: "signals:read",
        clearance: "amber",
        purpose: "research",
      })
        .setProtectedHeader({ alg: "ES256", kid: "bench" })
        .setIssuer(url)
        .setAudience("atlas")
        .setSubject(subject)
        .setExpirationTime("2h")
        .sign(privateKey),
    close: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
}

function median(values: readonly number[] = []): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
