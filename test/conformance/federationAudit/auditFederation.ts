/**
 * `npm run audit:federation -- <checkout>`: The Guild's federation audit, by its own command and from its own repository,
 * against the built gateway over HTTP. Ends as that command does: 1 when any of its cases fails.
 */
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkout, compiled } from "../../../infra/local/paths.ts";

/** Of its subgraphs and of the gateway. The suite ends whatever listens on the latter before each of its suites. */
const auditPort = 4_798;
const gatewayPort = 4_799;
/** How long it waits for the gateway to start, which takes seconds on a busy machine. */
const startTimeoutMs = 60_000;

const [given] = process.argv.slice(2);
const audit = resolve(given ?? "");
if (
  given === undefined ||
  !existsSync(join(audit, "src/cli.ts")) ||
  !existsSync(join(audit, "node_modules"))
) {
  process.stderr.write(
    "Expected a checkout of graphql-hive/federation-gateway-audit with its packages installed: npm run audit:federation -- <checkout>\n",
  );
  process.exit(2);
}

const ours = join(checkout, "test/conformance/federationAudit");
const folder = mkdtempSync(join(tmpdir(), "atlas-federation-audit-"));
copyFileSync(join(ours, "run.sh"), join(folder, "run.sh"));
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
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
