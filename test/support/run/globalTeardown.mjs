/** Stops what globalSetup.mjs may have started. */
export default async function globalTeardown() {
  await globalThis.atlasTestRun?.stop();
}
