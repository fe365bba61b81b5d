/**
 * How strongly the ground shook at a distance, on the Modified Mercalli scale (1 to 12): `a + b·M − c·ln R − d·R`, at most
 * `1.5·(M − 1)`. Form and worldwide averages of the coefficients are those of CLIMADA's module for earthquakes
 * (MMI_attenuation_calc.m). Soils and faults are not known to it: a first look at who is exposed, not an engineer's.
 */
export type Quake = {
  readonly magnitude: number;
  /** Negative above sea level, as the USGS gives it. */
  readonly depthKm: number;
};

const a = 1.7;
const b = 1.5;
const c = 1.1726;
const d = 0.00106;

/** `surfaceKm` is the distance from the epicentre. */
export function estimateIntensity({ magnitude, depthKm }: Quake, surfaceKm: number): number {
  // From the focus. Closer than a kilometre the formula means nothing.
  const km = Math.max(1, Math.hypot(surfaceKm, Math.max(0, depthKm)));
  const most = 1.5 * (magnitude - 1);
  return Math.max(1, Math.min(most, a + b * magnitude - c * Math.log(km) - d * km));
}
