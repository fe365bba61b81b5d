/**
 * `npm start` after the bootstrap: one region on this machine. Starts PostgreSQL, brings the database up to date,
 * starts the parts, says where they are, keeps them running, and stops them in order.
 */
import { MigrationError } from "../../prisma/migrationError.ts";
import { signLocalPolicies } from "../policies/signLocalPolicies.ts";
import { announce } from "./announce.ts";
import { localConfig } from "./config.ts";
import { removeEndpoints, writeEndpoints } from "./endpoints.ts";
import { LaunchError } from "./launchError.ts";
import { takeLock } from "./lock.ts";
import { findFreePorts, type Ports, ports as preferredPorts } from "./ports.ts";
import { prepareDatabase } from "./prepareDatabase.ts";
import { createPartKeeper } from "./processes/partKeeper.ts";
import { gatewayPart, issuerPart, localIdentity, type RegionSettings, subgraphPart } from "./region.ts";
import { isSeeded, markSeeded, seedDatabase } from "./seedDatabase.ts";
import { loadSecrets, state } from "./state.ts";
import { subgraphNames } from "./subgraphNames.ts";
import { logFileOf, say, timed } from "./terminal.ts";
import { untilStopped } from "./untilStopped.ts";

const startedAt = performance.now();
const keeper = createPartKeeper();
let isOurs = false;

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
  // A launcher that was refused the lock leaves the endpoints of the running one alone.
  if (isOurs) removeEndpoints();
  // Callers first, what they call next, and the database when nobody writes any more.
  await keeper.stop(["gateway"], ["issuer", ...subgraphNames], ["postgres"]);
}

async function bringUp(): Promise<void> {
  const [secrets, ports, policies] = await Promise.all([
    loadSecrets(),
    findFreePorts(),
    signLocalPolicies(state.policies),
  ]);
  sayMoved(ports);
  const settings: RegionSettings = {
    region: localConfig.region,
    ports,
    contextSecret: Buffer.from(secrets.contextSecret, "base64url"),
    database: "atlas",
    passwords: secrets.passwords,
    policies,
    identity: localIdentity(ports),
    logLevel: "info",
  };
  // These need no database to begin with, so they start beside it.
  const beside = Promise.all([
    keeper.start(issuerPart(settings, state.issuer)),
    keeper.start(gatewayPart(settings)),
  ]);
  // Reported where it is awaited: a failure of the database comes first.
  beside.catch(() => undefined);

  const postgres = { folder: state.postgres, port: ports.postgres, password: secrets.superuser };
  const urlOf = await timed("start     postgres", () => keeper.startPostgres(postgres));
  await timed("migrate   database", () => prepareDatabase(urlOf, settings.database, settings.passwords));
  await seedOnce(urlOf(settings.database), settings);
  await timed("start     subgraphs", () =>
    Promise.all(subgraphNames.map((name) => keeper.start(subgraphPart(name, settings)))),
  );
  await timed("start     gateway, issuer", () => beside);

  keeper.markReady();
  announce(await writeEndpoints(settings), performance.now() - startedAt);
}

async function seedOnce(
  adminUrl: string,
  { ports, database, passwords, region }: RegionSettings,
): Promise<void> {
  if (await isSeeded(adminUrl)) return;
  const { dataFolder } = localConfig;
  await timed(`seed      from ${dataFolder === undefined ? "npm, generated" : "files"}`, async () => {
    const target = { port: ports.postgres, database, passwords, region, dataFolder };
    await seedDatabase(target, { logFile: logFileOf("seed") });
    await markSeeded(adminUrl);
  });
}

function sayMoved(ports: Ports): void {
  for (const subject of ["gateway", "issuer", "postgres", ...subgraphNames] as const) {
    if (ports[subject] === preferredPorts[subject]) continue;
    say(subject, `port ${preferredPorts[subject]} is taken, so it listens on ${ports[subject]}`);
  }
}
