import { expect, test } from "@jest/globals";
import { estimateIntensity } from "./estimateIntensity.ts";

test.each([
  // 1.7 + 9 − 1.1726·ln 100 − 0.106 = 10.594 − 5.400
  [{ magnitude: 6, depthKm: 0 }, 100, 5.194],
  // The same from the focus: 60 and 80 km make 100.
  [{ magnitude: 6, depthKm: 80 }, 60, 5.194],
  // At the epicentre at most 1.5·(6 − 1).
  [{ magnitude: 6, depthKm: 0 }, 0, 7.5],
  [{ magnitude: 2, depthKm: 10 }, 500, 1],
  [{ magnitude: 4, depthKm: -1.5 }, 20, 4.166],
])("%j at %i km: %d", (quake, km, intensity) => {
  expect(estimateIntensity(quake, km)).toBeCloseTo(intensity, 3);
});
