/** The most memory that a process and its children have together, looked at again and again; Linux only. */
import { readFileSync } from "node:fs";
import { familyOf } from "./processCost.ts";

const everyMs = 250;

/** Returns how to end it, which answers the peak in MiB. */
export function watchMemory(pid: number): () => number {
  let peakMiB = 0;
  const look = () => {
    peakMiB = Math.max(peakMiB, readMemory(pid));
  };
  look();
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    look();
    return peakMiB;
  };
}

/** In MiB: what each has of its own, and the program's file once: processes of one program share its pages (proc(5)). */
export function readMemory(pid: number): number {
  let own = 0;
  let file = 0;
  for (const member of familyOf(pid)) {
    const kiB = readStatus(member);
    own += kiB("RssAnon") + kiB("RssShmem");
    file = Math.max(file, kiB("RssFile"));
  }
  return (own + file) / 1_024;
}

function readStatus(pid: number): (name: string) => number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  } catch {
    return () => 0; // Gone since the family was listed.
  }
}
