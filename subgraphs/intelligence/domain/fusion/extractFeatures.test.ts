import { describe, expect, test } from "@jest/globals";
import { type EntitySignal, extractFeatures } from "./extractFeatures.ts";

const from = new Date("2026-03-01T00:00:00Z");
const options = { from, until: day(14), windowDays: 7 };

describe("extractFeatures", () => {
  test("gives a row for each entity and window, with a mask of the domains that were heard", () => {
    const rows = extractFeatures(
      [
        signal("a", { entity: "DE", domain: "CYBER", severity: 0.8 }, 1),
        signal("b", { entity: "DE", domain: "CYBER", severity: 0.4 }, 1),
        signal("c", { entity: "DE", domain: "SOCIAL" }, 8),
        signal("d", { entity: "AT", domain: "ECONOMIC" }, 2),
      ],
      options,
    );
    expect(rows.map(({ entity, until, available }) => ({ entity, until, available }))).toEqual([
      { entity: "AT", until: day(7), available: [false, true, false, false, false] },
      { entity: "DE", until: day(7), available: [false, false, true, false, false] },
      { entity: "DE", until: day(14), available: [false, false, false, false, true] },
    ]);
    // Two of weight 1: evidence 2, severity (0.8 + 0.4)/2, score (0.1 + 1.2)/3.
    const [cyber] = rows[1]?.summaries ?? [];
    expect(cyber).toMatchObject({ domain: "CYBER", evidence: 2 });
    expect(cyber?.severity).toBeCloseTo(0.6, 12);
    expect(cyber?.score).toBeCloseTo(0.433333, 6);
  });

  test("a window ends before its end: what is observed then belongs to the next", () => {
    const rows = extractFeatures([signal("a", {}, 7)], options);
    expect(rows.map((row) => row.from)).toEqual([day(7)]);
  });

  test("what comes later changes no earlier row, not even how old its signals are", () => {
    const early = [signal("a", {}, 1), signal("b", {}, 3)];
    const [before] = extractFeatures(early, options);
    const [after] = extractFeatures([...early, signal("late", { severity: 1 }, 13)], options);
    expect(after).toEqual(before);
  });

  test("leaves out a window that is not over, and one whose signals weigh nothing", () => {
    expect(extractFeatures([signal("a", {}, 8)], { ...options, until: day(13) })).toEqual([]);
    expect(extractFeatures([signal("a", { reliability: "E" }, 1)], options)).toEqual([]);
  });

  test.each([0, -1, Number.NaN])("refuses a window of %d days", (windowDays) => {
    expect(() => extractFeatures([], { ...options, windowDays })).toThrow(
      `windowDays: expected more than 0; got ${windowDays}`,
    );
  });
});

function signal(id: string, facts: Partial<EntitySignal>, dayNumber: number): EntitySignal {
  const defaults = { entity: "DE", domain: "CYBER", severity: 0.5, confidence: 1, reliability: "A" } as const;
  return { id, ...defaults, origin: id, observedAt: day(dayNumber), ...facts };
}

function day(number: number): Date {
  return new Date(from.getTime() + number * 24 * 60 * 60_000);
}
