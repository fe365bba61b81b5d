/**
 * Runs a program that is not ours (PostgreSQL) as a child that cannot outlive the launcher:
 * `node guard.js <program> <arguments as JSON> <account as JSON>`. Exits as the program does.
 */
import { spawn } from "node:child_process";

const [program = "", args = "[]", account = "{}"] = process.argv.slice(2);
// The launcher wrote both a moment ago.
const { uid, gid } = JSON.parse(account) as { uid?: number; gid?: number };
const child = spawn(program, JSON.parse(args) as string[], {
  stdio: ["ignore", "inherit", "inherit"],
  // A session of its own: Ctrl-C in the terminal must reach the launcher alone, which stops the parts in order.
  detached: true,
  ...(uid === undefined ? {} : { uid }),
  ...(gid === undefined ? {} : { gid }),
});

// SIGINT is PostgreSQL's fast shutdown: clients are cut off, what was acknowledged is safe.
const stop = (): boolean => child.kill("SIGINT");
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
process.on("disconnect", stop);
child.on("error", (error) => {
  console.error(`${program}: ${error.message}`);
  process.exit(127);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 0 : 1)));
