/**
 * Jest runs this once, in the parent of all workers. It offers them databases over loopback and does nothing until the
 * first is asked for: then dist/ is brought up to date, one PostgreSQL started, and a template migrated and seeded.
 * So suites that need no database do not pay for one.
 */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { prepare } from "../../../infra/local/bootstrap/prepare.mjs";

export default async function globalSetup() {
  const built = once(buildUnlessBroken);
  const host = once(async () => {
    await built();
    const { startDatabaseHost } = await import("../../../dist/test/support/run/databaseHost.js");
    return startDatabaseHost();
  });
  const secret = randomUUID();
  const server = createServer((request, response) => {
    answer(request, host)
      .then(({ status, body }) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
      )
      .catch((error) =>
        response.writeHead(500).end(JSON.stringify({ message: String(error?.message ?? error) })),
      );
  });

  /** @param {import("node:http").IncomingMessage} request */
  async function answer(request, databases) {
    const url = new URL(request.url ?? "/", "http://localhost");
    const [, given, name] = url.pathname.split("/");
    if (given !== secret) return { status: 404, body: { message: "unknown" } };
    if (name === "build") {
      await built();
      return { status: 200, body: {} };
    }
    const { createDatabase, dropDatabase } = await databases();
    if (request.method === "POST")
      return { status: 200, body: await createDatabase(url.searchParams.get("from")) };
    await dropDatabase(name);
    return { status: 200, body: {} };
  }

  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  process.env.ATLAS_TEST_HOST = `http://127.0.0.1:${server.address().port}/${secret}`;
  globalThis.atlasTestRun = {
    stop: async () => {
      server.close();
      server.closeAllConnections();
      if (host.isDone()) await (await host()).stop();
    },
  };
}

async function buildUnlessBroken() {
  await prepare().catch((error) => {
    // While somebody else's part does not compile, the others' tests still run on what did.
    if (process.env.CI === "true") throw error;
    console.error(`\nThe build has errors; tests run on what it wrote.\n${error.message}`);
  });
}

/** Does `work` when it is first asked for. @template T @param {() => Promise<T>} work */
function once(work) {
  /** @type {Promise<T> | undefined} */
  let result;
  return Object.assign(
    () => {
      result ??= work();
      return result;
    },
    { isDone: () => result !== undefined },
  );
}
