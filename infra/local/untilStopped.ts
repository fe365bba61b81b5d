/** Resolves at the first signal to stop; at the second we go at once, and the children notice and stop by themselves. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        signals += 1;
        if (signals > 1) process.exit(1);
        console.error("\nStopping (again to stop at once).");
        resolve();
      });
    }
  });
}
