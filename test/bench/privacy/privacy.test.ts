/** `npm run bench:privacy`, cut short: the worst attacks on the plain mean, with the gate and without. */
import { expect, test } from "@jest/globals";
import { attacks, compareDefences, defences } from "./byzantine.ts";

test("four of twenty attackers ruin the plain mean, and cost next to nothing behind the gate", async () => {
  const [honest, ...attacked] = await compareDefences("1", () => undefined, {
    against: attacks.filter(({ name }) =>
      ["nobody attacks", "flipped and scaled × 10", "NaN"].includes(name),
    ),
    by: defences.filter(({ name }) => name.startsWith("FedAvg")),
  });
  const [reached = 1] = honest ?? [];
  expect(reached).toBeGreaterThan(0.7);
  expect(attacked).toHaveLength(2);
  for (const [plain = 1, gated = 0] of attacked) {
    expect(plain).toBeLessThan(0.3);
    expect(gated).toBeGreaterThan(reached - 0.05);
  }
});
