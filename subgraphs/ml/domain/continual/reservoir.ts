/**
 * Samples to replay, so that new ones do not push the old out of a model: for each class a uniform sample of all that came
 * (Vitter 1985, Algorithm R). Every sample carries whose it is and where it may be, and can be taken out again.
 */

export type Remembered<Item> = {
  readonly item: Item;
  readonly label: number;
  /** Whom the sample is about; null for nobody. */
  readonly subjectId: string | null;
  readonly residency: string;
};

export type Reservoir<Item> = {
  readonly add: (sample: Remembered<Item>) => void;
  /** `count` of them at random, without repetition, none whose residency is not among `residencies`. */
  readonly pick: (count: number, residencies: readonly string[]) => readonly Remembered<Item>[];
  /** Everything about a subject; answers how many there were. */
  readonly erase: (subjectId: string) => number;
  readonly size: () => number;
  /** All that is kept, and how many came of each class, for one that goes on later. */
  readonly state: () => ReservoirState<Item>;
};

export type ReservoirState<Item> = {
  readonly samples: readonly Remembered<Item>[];
  readonly seenByLabel: Readonly<Record<string, number>>;
};

/** `capacity` for each class. `random` is uniform on [0, 1). */
export function createReservoir<Item>(
  capacity: number,
  random: () => number,
  state: ReservoirState<Item> = { samples: [], seenByLabel: {} },
): Reservoir<Item> {
  if (!(Number.isInteger(capacity) && capacity >= 1))
    throw new RangeError(`expected a capacity of at least 1, came ${capacity}`);
  const kept = new Map<number, Remembered<Item>[]>();
  const seen = new Map(Object.entries(state.seenByLabel).map(([label, count]) => [Number(label), count]));
  for (const sample of state.samples) kept.set(sample.label, [...(kept.get(sample.label) ?? []), sample]);
  return {
    add: (sample) => {
      const samples = kept.get(sample.label) ?? [];
      const count = (seen.get(sample.label) ?? 0) + 1;
      seen.set(sample.label, count);
      kept.set(sample.label, samples);
      // After an erasure there is room again; what came meanwhile is not over-represented for long.
      if (samples.length < capacity) samples.push(sample);
      else {
        const place = Math.floor(random() * count);
        if (place < capacity) samples[place] = sample;
      }
    },
    pick: (count, residencies) =>
      [...kept.values()]
        .flat()
        .filter(({ residency }) => residencies.includes(residency))
        .map((sample) => ({ sample, key: random() }))
        .sort((a, b) => a.key - b.key)
        .slice(0, count)
        .map(({ sample }) => sample),
    erase: (subjectId) => {
      let erased = 0;
      for (const [label, samples] of kept) {
        const left = samples.filter((sample) => sample.subjectId !== subjectId);
        erased += samples.length - left.length;
        kept.set(label, left);
      }
      return erased;
    },
    state: () => ({ samples: [...kept.values()].flat(), seenByLabel: Object.fromEntries(seen) }),
    size: () => [...kept.values()].reduce((sum, samples) => sum + samples.length, 0),
  };
}
