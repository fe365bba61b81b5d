import { describe, expect, test } from "@jest/globals";
import { findTrouble } from "./terminal.ts";

describe("findTrouble", () => {
  test.each([
    [
      "a warning of pino, by number",
      '{"level":40,"msg":"not ready","err":{"message":"refused"}}',
      "not ready (refused)",
    ],
    [
      "an error of pino, by name",
      '{"level":"error","msg":"fetch failed","subgraph":"ml","code":"X"}',
      "fetch failed (ml, X)",
    ],
    ["what is no log event", "TypeError: boom", "TypeError: boom"],
    [
      "PostgreSQL giving up",
      "2026-01-01 00:00:00 UTC [1] FATAL:  no space",
      "2026-01-01 00:00:00 UTC [1] FATAL:  no space",
    ],
  ])("shows %s", (_case, line, text) => {
    expect(findTrouble(line)).toBe(text);
  });

  test.each([
    ['{"level":30,"msg":"request"}'],
    ['{"level":"info","msg":"request"}'],
    ["2026-01-01 00:00:00 UTC [1] atlas ERROR:  duplicate key"],
    ["2026-01-01 00:00:00 UTC [1] postgres FATAL:  the database system is starting up"],
    ["2026-01-01 00:00:00 UTC [1] FATAL:  the database system is not yet accepting connections"],
    ["2026-01-01 00:00:00 UTC [1] atlas FATAL:  terminating connection due to unexpected postmaster exit"],
    ["  "],
  ])("leaves %s to the log file", (line) => {
    expect(findTrouble(line)).toBeUndefined();
  });
});
