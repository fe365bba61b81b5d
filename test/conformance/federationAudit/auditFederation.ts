/**
 * `npm run audit:federation [-- <repository>]`: The Guild's federation audit, by its own command and from its own
 * repository, against the built gateway over HTTP. Ends as that command does: 1 when any of its cases fails.
 */
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkout, compiled } from "../../../infra/local/paths.ts";
import { listenOnFreePort } from "../../support/listenOnFreePort.ts";
import { auditRepository, installAudit, readCommit } from "./installAudit.ts";

/** How long it waits for the gateway to start, which takes seconds on a busy machine. */
const startTimeoutMs = 60_000;

const [given = auditRepository] = process.argv.slice(2);
const audit = join(checkout, ".atlas/federation-audit");
installAudit(existsSync(given) ? resolve(given) : given, audit);
process.stdout.write(`graphql-hive/federation-gateway-audit, ${readCommit(audit)}\n`);

const ours = join(checkout, "test/conformance/federationAudit");
const folder = mkdtempSync(join(tmpdir(), "atlas-federation-audit-"));
copyFileSync(join(ours, "run.sh"), join(folder, "run.sh"));
// Before each of its suites it ends whatever listens on the gateway's port, so that is one that nobody has.
const [auditPort, gatewayPort] = [await findFreePort(), await findFreePort()];
const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
const child = spawn(
  process.execPath,
  [
    ...["--import", join(ours, "withResolvers.mjs"), "--import", "tsx", "src/cli.ts", "test"],
    ...["--cwd", folder, "--run-script", "./run.sh", "--port", String(auditPort), "--exit-on-fail"],
    ...["--graphql", `${gatewayUrl}/graphql`, "--healthcheck", `${gatewayUrl}/health/live`],
  ],
  {
    cwd: audit,
    stdio: "inherit",
    env: {
      ...process.env,
      APOLLO_TELEMETRY_DISABLED: "1",
      // Where the supergraphs say that the subgraphs are.
      BASE_URL: `http://localhost:${auditPort}`,
      AUDIT_URL: `http://localhost:${auditPort}`,
      GATEWAY_TIMEOUT: String(startTimeoutMs),
      ATLAS_GATEWAY: compiled("gateway/cli/atlasGateway.js"),
      ATLAS_PORT_FOR_AUDIT: String(gatewayPort),
    },
  },
);
child.once("exit", (code) => {
  const results = join(folder, "results.txt");
  // What it prints ends with colours and no list; what it writes can be kept.
  if (existsSync(results)) process.stdout.write(`${readFileSync(results, "utf8")}\n`);
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});

async function findFreePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnFreePort(server);
  await new Promise((closed) => server.close(closed));
  return port;
}
