import { setPriority } from "node:os";

/**
 * Called on a worker thread: where cores are scarce, the thread that answers clients comes first. On Linux priority is a
 * thread's own (setpriority(2), "C library/kernel differences"); elsewhere it would be the whole process's, so there it
 * stays.
 */
export function yieldToServing(): void {
  if (process.platform === "linux") setPriority(0, NICE);
}

/** About a tenth of a contended core; all of an idle one. */
const NICE = 10;
