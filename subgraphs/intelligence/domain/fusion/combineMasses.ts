/**
 * Belief functions of Dempster and Shafer, combined. All sources are first combined without normalising (Smets 1990,
 * "The combination of evidence in the transferable belief model"), which does not depend on their order; what falls
 * on the empty set is the conflict K. Then one rule says what becomes of K:
 *
 *     dempster   everything else is divided by 1 − K (Shafer 1976)
 *     yager      K counts as not knowing (Yager 1987, "On the Dempster–Shafer framework and new combination rules")
 *     average    the sources' mean is combined with itself n − 1 times (Murphy 2000, "Combining belief functions
 *                when evidence conflicts")
 *
 * Dempster's rule magnifies what little is agreed on: sources that are 99 % sure of different things become certain
 * of what both thought near impossible (Zadeh 1979). So it is used only up to a bound on K.
 */

/** Mass by set of hypotheses; a set is a bit mask, 0 is the empty set. Masses add up to 1. */
export type Masses = ReadonlyMap<number, number>;

export type CombineOptions = {
  /** The set of all hypotheses. */
  readonly frame: number;
  /** Dempster's rule is refused above this conflict, 0 to 1. */
  readonly conflictMax: number;
  readonly fallback: "yager" | "average";
};

export type Combined = {
  readonly masses: Masses;
  /** K, 0 to 1. */
  readonly conflict: number;
  readonly rule: "dempster" | "yager" | "average";
};

export function combineMasses(
  sources: readonly Masses[],
  { frame, conflictMax, fallback }: CombineOptions,
): Combined {
  const joint = combineAll(sources, frame);
  const conflict = joint.get(0) ?? 0;
  if (conflict <= conflictMax && conflict < 1)
    return { masses: normalise(joint), conflict, rule: "dempster" };
  if (fallback === "yager") return { masses: moveConflict(joint, frame), conflict, rule: "yager" };
  const mean = average(sources);
  return {
    masses: normalise(
      combineAll(
        sources.map(() => mean),
        frame,
      ),
    ),
    conflict,
    rule: "average",
  };
}

function combineAll(sources: readonly Masses[], frame: number): Masses {
  return sources.reduce(intersect, new Map([[frame, 1]]));
}

function intersect(left: Masses, right: Masses): Masses {
  const joint = new Map<number, number>();
  for (const [a, massOfA] of left) {
    for (const [b, massOfB] of right) joint.set(a & b, (joint.get(a & b) ?? 0) + massOfA * massOfB);
  }
  return joint;
}

function normalise(masses: Masses): Masses {
  const kept = 1 - (masses.get(0) ?? 0);
  return new Map([...masses].filter(([set]) => set !== 0).map(([set, mass]) => [set, mass / kept]));
}

function moveConflict(masses: Masses, frame: number): Masses {
  const moved = new Map([...masses].filter(([set]) => set !== 0));
  return moved.set(frame, (moved.get(frame) ?? 0) + (masses.get(0) ?? 0));
}

function average(sources: readonly Masses[]): Masses {
  const mean = new Map<number, number>();
  for (const source of sources) {
    for (const [set, mass] of source) mean.set(set, (mean.get(set) ?? 0) + mass / sources.length);
  }
  return mean;
}
