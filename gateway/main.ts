/** The gateway of one region: configured by the environment, started, and stopped by a signal. */
import { runProcess } from "./runProcess.ts";

await runProcess({ environment: process.env });
