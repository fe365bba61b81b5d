/**
 * `npm run load:decisions [-- --rate 2000 --seconds 30]`: a gateway's log in this process, the compliance subgraph in its
 * own, over a PostgreSQL of its own. Every decision is to be kept. Exit code 1 when one is missing or the chain is not whole.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createDecisionLog } from "../../../gateway/decisionLog/createDecisionLog.ts";
import { createSendDecisions } from "../../../gateway/decisionLog/sendDecisions.ts";
import { createLog } from "../../../gateway/observability/log.ts";
import { createMetrics } from "../../../gateway/observability/metrics.ts";
import { deriveContextKey } from "../../../gateway/stages/signContext.ts";
import { ports } from "../../../infra/local/ports.ts";
import { withClient } from "../../../infra/local/prepareDatabase.ts";
import { graphqlUrlOf, subgraphPart } from "../../../infra/local/region.ts";
import { builtBundle } from "../../../infra/policies/signLocalPolicies.ts";
import { loadPolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import { deriveSubjectKey } from "../../../policies/runtime/subjectHash.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { startDatabaseHost } from "../../support/run/databaseHost.ts";
import { signContext } from "../../support/signContext.ts";
import { findPort, startPart } from "../../support/startPart.ts";
import { runDecisionLoad } from "./runDecisionLoad.ts";

const { values } = parseArgs({
  options: { rate: { type: "string", default: "2000" }, seconds: { type: "string", default: "30" } },
});
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
if (!rate || !seconds) throw new Error("expected numbers for --rate and --seconds");

await using disposer = createDisposer();
const host = await startDatabaseHost();
disposer.use({ [Symbol.asyncDispose]: host.stop });
const database = await host.createDatabase("migrated");
const contextSecret = randomBytes(32);
const port = await findPort();
disposer.use(
  await startPart(
    subgraphPart("compliance", {
      region: "us-east",
      ports: { ...ports, compliance: port, postgres: database.port },
      contextSecret,
      database: database.name,
      passwords: database.passwords,
      identity: { issuer: "", audience: "", jwksUrl: "" },
      logLevel: "warn",
    }),
  ),
);
const contextKey = deriveContextKey(contextSecret, "compliance");
const log = createDecisionLog({
  region: "us-east",
  subjectKey: deriveSubjectKey(contextKey),
  send: createSendDecisions({ url: graphqlUrlOf(port).replace("/graphql", "/decisions"), contextKey }),
  queueMax: 50_000,
  log: createLog("warn", "us-east"),
  metrics: createMetrics(),
  closeMsMax: 60_000,
});
const built = await loadPolicyBundle(builtBundle, { trust: { kind: "unsigned" } });
const bundle = {
  ...built,
  decideRecording: async () => ({ share: 1, masks: { "caller.subject": "hash" as const } }),
};
const load = await runDecisionLoad({ log, bundle, rate, seconds });
const endedAt = performance.now();
await log.close();
const { chain } = log.health();
// Its beginning and its end are entries too.
while ((await countEntries()) < load.decisions + 2) await sleep(100);
const storedAfterMs = Math.round(performance.now() - endedAt);
const verifyingAt = performance.now();
const verification = await verify();
console.log(
  JSON.stringify(
    { rate, ...load, storedAfterMs, ...verification, verifyMs: Math.round(performance.now() - verifyingAt) },
    undefined,
    2,
  ),
);
process.exitCode = verification.status === "VERIFIED" && verification.decisions === load.decisions ? 0 : 1;

async function countEntries(): Promise<number> {
  return withClient(database.adminUrl, async (client) => {
    const { rows } = await client.query<{ last: string }>(
      "SELECT coalesce(max(last_seq), 0)::text AS last FROM compliance.decision_chain WHERE id = $1",
      [chain],
    );
    return Number(rows[0]?.last);
  });
}

async function verify() {
  const context = await signContext({ secret: contextSecret, audience: "compliance", claims: {} });
  const { data, errors } = await postGraphql<{
    verifyDecisionChain: {
      status: string;
      entries: number;
      decisions: number;
      lost: number;
      faults: unknown[];
    };
  }>(
    graphqlUrlOf(port),
    {
      query: `query ($id: ID!) { verifyDecisionChain(id: $id) { status entries decisions lost faults { position reason } } }`,
      variables: { id: chain },
    },
    { "atlas-context": context },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.verifyDecisionChain;
}
