/**
 * `npm run start:global` after the bootstrap: all regions on this machine, each with its own PostgreSQL, subgraphs and
 * gateway, replicating with each other. The first start seeds the first region, from which the others get what they may
 * hold. One issuer serves all.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MigrationError } from "../../prisma/migrationError.ts";
import { signLocalPolicies } from "../policies/signLocalPolicies.ts";
import { localSettings } from "../postgres/settings.ts";
import { connectRegions, type RunningRegion } from "../replication/connectRegions.ts";
import { members } from "../replication/member.ts";
import { repairWhenNeeded } from "../replication/repairRegion.ts";
import { deriveWaiverKey, openWaiver } from "../replication/waivers.ts";
import { type PeerState, watchPeers } from "../replication/watchPeers.ts";
import { localZone } from "../router/places.ts";
import { type RunningRouter, startRouter } from "../router/startRouter.ts";
import { localConfig } from "./config.ts";
import { removeEndpoints, writeEndpoints } from "./endpoints.ts";
import { globalDatabase, toRunningRegion, writeGlobalRegions } from "./globalRegions.ts";
import { LaunchError } from "./launchError.ts";
import { takeLock } from "./lock.ts";
import { findFreePort, findFreePorts, ports as firstPorts, type PartName, type Ports } from "./ports.ts";
import { clusterUrl } from "./postgres/cluster.ts";
import { prepareDatabase } from "./prepareDatabase.ts";
import { createPartKeeper, type PartKeeper } from "./processes/partKeeper.ts";
import {
  gatewayPart,
  graphqlUrlOf,
  issuerPart,
  localIdentity,
  type RegionSettings,
  subgraphPart,
} from "./region.ts";
import { isSeeded, markSeeded, seedDatabase } from "./seedDatabase.ts";
import { loadSecrets, type Secrets, state } from "./state.ts";
import { subgraphNames } from "./subgraphNames.ts";
import { logFileOf, say, timed } from "./terminal.ts";
import { untilStopped } from "./untilStopped.ts";

const startedAt = performance.now();
const keepers = members.map(({ region }) => createPartKeeper(region));
const watching = new AbortController();

const routerPorts = { http: 4080, dns: 4053 } as const;

let isOurs = false;
let router: RunningRouter | undefined;

try {
  takeLock();
  isOurs = true;
  const stopped = untilStopped();
  await Promise.race([bringUp(), stopped]);
  await stopped;
} catch (error) {
  if (!(error instanceof LaunchError || error instanceof MigrationError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
} finally {
  watching.abort();
  await router?.close();
  if (isOurs) removeEndpoints();
  for (const group of [["gateway"], ["issuer", ...subgraphNames], ["postgres"]] as const) {
    await Promise.all(keepers.map((keeper) => keeper.stop([...group])));
  }
}

type Region = RunningRegion & { readonly settings: RegionSettings; readonly keeper: PartKeeper };

async function bringUp(): Promise<void> {
  const [secrets, policies] = await Promise.all([loadSecrets(), signLocalPolicies(state.policies)]);
  const ports = await findPorts();
  const identity = localIdentity(getFirst(ports));
  const regions = members.map((member, index): Region => {
    const own = getAt(ports, index);
    return {
      ...toRunningRegion(member.region, own.postgres, secrets),
      keeper: getAt(keepers, index),
      settings: {
        region: member.region,
        ports: own,
        contextSecret: Buffer.from(secrets.contextSecret, "base64url"),
        database: globalDatabase,
        passwords: secrets.passwords,
        policies,
        identity,
        regions: members.map((one, at) => ({ region: one.region, ports: getAt(ports, at) })),
        logLevel: "info",
      },
    };
  });
  await timed("start     postgres, three times", () =>
    Promise.all(regions.map((region) => startDatabase(region, secrets))),
  );
  await seedOnce(getFirst(regions), secrets);
  await timed("connect   regions", () => connectRegions(regions));
  const key = deriveWaiverKey(Buffer.from(secrets.contextSecret, "base64url"));
  await Promise.all(regions.map((region) => waiveStandby(region, key)));
  await timed("start     issuer, subgraphs, gateways", () =>
    Promise.all([
      getFirst(regions).keeper.start(issuerPart(getFirst(regions).settings, state.issuer)),
      ...regions.flatMap(({ keeper, settings }) => [
        ...subgraphNames.map((name) => keeper.start(subgraphPart(name, settings))),
        keeper.start(gatewayPart(settings)),
      ]),
    ]),
  );
  for (const { keeper } of regions) keeper.markReady();
  for (const region of regions) {
    void watch(region, key);
    void keepRepaired(
      region,
      regions.filter((other) => other !== region),
    );
  }
  router = await startRouter({
    gateways: new Map(regions.map(({ settings }) => [settings.region, gatewayUrlOf(settings.ports)])),
    httpPort: await findFreePort(routerPorts.http),
    dnsPort: await findFreePort(routerPorts.dns),
  });
  await writeEndpoints(getFirst(regions).settings);
  await writeGlobalRegions(regions.map(({ settings }) => settings));
  announce(regions, router);
}

async function startDatabase({ settings, keeper }: Region, secrets: Secrets): Promise<void> {
  const urlOf = await keeper.startPostgres({
    folder: join(state.folder, settings.region, "postgres"),
    port: settings.ports.postgres,
    password: secrets.superuser,
    // Three on one machine: the defaults are for one.
    settings: { ...localSettings(), shared_buffers: "64MB", max_connections: "120" },
  });
  await prepareDatabase(urlOf, globalDatabase, settings.passwords);
}

/** Before it joins: what it holds then is written into its log, and so reaches the others. */
async function seedOnce({ settings, address }: Region, secrets: Secrets): Promise<void> {
  const adminUrl = clusterUrl({ port: address.port, password: secrets.superuser }, globalDatabase);
  if (await isSeeded(adminUrl)) return;
  await timed(`seed      ${settings.region}`, async () => {
    const { region, passwords } = settings;
    const target = {
      port: address.port,
      database: globalDatabase,
      passwords,
      region,
      dataFolder: localConfig.dataFolder,
    };
    await seedDatabase(target, { logFile: logFileOf("seed") });
    await markSeeded(adminUrl);
  });
}

/** One machine has no second place inside a jurisdiction, and says so. */
async function waiveStandby({ member, asAdmin }: Region, key: Uint8Array): Promise<void> {
  const reason = "the local profile has no standby inside the jurisdiction";
  await asAdmin((client) => openWaiver(client, key, { region: member.region, class: "RESIDENT", reason }));
}

async function watch({ member, asAdmin }: Region, key: Uint8Array): Promise<void> {
  const { signal } = watching;
  const others = members.map(({ region }) => region).filter((region) => region !== member.region);
  const policy = {
    region: member.region,
    peers: { others },
    whenAlone: localConfig.rpo,
    graceMs: 10_000,
    key,
  };
  let last: PeerState = { kind: "together" };
  for (; !signal.aborted; await delay(2_000, undefined, { signal }).catch(() => undefined)) {
    // A region whose database is down has no commits to wait for.
    last = await asAdmin((client) => watchPeers(client, policy, last, Date.now())).catch(() => last);
  }
}

/** Anti-entropy, where there is a cause: whyRepair.ts. */
async function keepRepaired(region: Region, others: readonly Region[]): Promise<void> {
  const { signal } = watching;
  for (; !signal.aborted; await delay(5_000, undefined, { signal }).catch(() => undefined)) {
    const repair = await repairWhenNeeded(region, others).catch(() => null);
    if (repair?.isWhole)
      say(region.member.region, `repaired, because ${repair.cause}: ${JSON.stringify(repair.peers)}`);
  }
}

/** A hundred apart, so that a region's ports can be told by their first digits. */
async function findPorts(): Promise<readonly Ports[]> {
  const found: Ports[] = [];
  for (const [index] of members.entries()) {
    const preferred = Object.entries(firstPorts).map(([name, port]) => [name, port + index * 100]);
    found.push(await findFreePorts(Object.fromEntries(preferred) as Record<PartName, number>)); // the keys of a constant
  }
  return found;
}

function announce(regions: readonly Region[], { url, dnsPort }: RunningRouter): void {
  console.log("");
  for (const { settings } of regions)
    console.log(`ready ${settings.region.padEnd(13)} ${graphqlUrlOf(settings.ports.gateway)}`);
  console.log(`
  Token     ATLAS_LOCAL_FOLDER=${state.folder} npm run -s token -- analyst
  Router    ${url}/route?country=DE&residency=eu
            DNS on UDP port ${dnsPort}: api.${localZone}, eu.api.${localZone}, de.geo.api.${localZone}
  Logs      ${state.logs}
  Stop      Ctrl-C

Up after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.`);
}

function gatewayUrlOf({ gateway }: Ports): string {
  return new URL("/", graphqlUrlOf(gateway)).href;
}

function getFirst<Item>(items: readonly Item[]): Item {
  return getAt(items, 0);
}

function getAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`expected at least ${index + 1} of them; got ${items.length}`);
  return item;
}
