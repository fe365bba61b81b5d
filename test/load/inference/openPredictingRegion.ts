/** A region whose champion was trained, with the processes and the policies that production has. */
import { randomBytes } from "node:crypto";
import { type PartName, ports } from "../../../infra/local/ports.ts";
import { withClient } from "../../../infra/local/prepareDatabase.ts";
import { gatewayPart, graphqlUrlOf, type RegionSettings, subgraphPart } from "../../../infra/local/region.ts";
import { subgraphNames } from "../../../infra/local/subgraphNames.ts";
import { readCpuSeconds } from "../../bench/gateway/processCost.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { startDatabaseHost } from "../../support/run/databaseHost.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { findPort, startPart } from "../../support/startPart.ts";
import { startTestIssuer } from "../../support/startTestIssuer.ts";
import type { Target } from "./askPredictions.ts";

export type PredictingRegion = Target &
  AsyncDisposable & {
    /** What the gateway and the ml subgraph have used so far, in seconds of processor time. */
    readonly readCpu: () => { readonly gateway: number; readonly ml: number };
  };

export async function openPredictingRegion(): Promise<PredictingRegion> {
  const disposer = createDisposer();
  try {
    const host = await startDatabaseHost();
    disposer.use({ [Symbol.asyncDispose]: host.stop });
    const database = await host.createDatabase("seeded");
    const issuer = disposer.use(await startTestIssuer());
    const policies = disposer.use(await signPolicies());
    const found: Record<PartName, number> = { ...ports, postgres: database.port };
    for (const name of [...subgraphNames, "gateway"] as const) found[name] = await findPort();
    const settings: RegionSettings = {
      region: "us-east",
      ports: found,
      contextSecret: randomBytes(32),
      database: database.name,
      passwords: database.passwords,
      policies: { source: policies.file, keys: policies.environment.ATLAS_POLICY_KEYS },
      identity: issuer.identity,
      logLevel: "warn",
    };
    const pids = new Map<string, number>();
    for (const name of subgraphNames)
      pids.set(name, disposer.use(await startPart(subgraphPart(name, settings))).pid);
    const gateway = disposer.use(await startPart(gatewayPart(settings)));
    return {
      readCpu: () => ({
        gateway: readCpuSeconds(gateway.pid),
        ml: readCpuSeconds(pids.get("ml") ?? gateway.pid),
      }),
      url: graphqlUrlOf(settings.ports.gateway),
      token: await issuer.tokenFor(),
      countries: await prepareCountries(database.adminUrl),
      [Symbol.asyncDispose]: () => disposer[Symbol.asyncDispose](),
    };
  } catch (error) {
    await disposer[Symbol.asyncDispose]();
    throw error;
  }
}

/** Countries of which something was heard. The newest version answers where none was promoted. */
function prepareCountries(adminUrl: string): Promise<readonly string[]> {
  return withClient(adminUrl, async (client) => {
    await client.query(
      `INSERT INTO ml.model_alias (model_id, alias, version_id, set_by)
       SELECT model_id, 'champion', id, 'load' FROM ml.model_version ORDER BY version DESC LIMIT 1
       ON CONFLICT DO NOTHING`,
    );
    const { rows } = await client.query<{ country_code: string }>(
      "SELECT country_code FROM ml.country_window WHERE features IS NOT NULL ORDER BY country_code",
    );
    if (rows.length === 0) throw new Error("expected countries that something was heard of, there are none");
    return rows.map(({ country_code }) => country_code);
  });
}
