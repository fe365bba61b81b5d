/**
 * Preloaded into every child (`node --import`): when the launcher dies, even by SIGKILL, its channel closes and the
 * child stops as if it had been asked to. So no orphan stays behind.
 */
const graceMs = 10_000;

if (process.channel !== undefined) {
  process.on("disconnect", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.exit(1), graceMs).unref();
  });
  // Listening must not keep alive a child that has nothing left to do.
  process.channel.unref();
}
