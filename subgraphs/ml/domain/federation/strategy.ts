/**
 * How the updates of a round become one change of the model. A strategy is three small choices: what the participants
 * do differently (`proximal`), how their updates are combined, and what the server makes of the combination. FedAvg
 * is the plain answer to each; the others override one.
 */

/** What one participant learned in a round. */
export type Update = {
  readonly participant: string;
  /** How many samples it learned from; caps are the gate's business. */
  readonly samples: number;
  /** Its weights minus those of the round, flattened. */
  readonly delta: Float32Array;
};

export type Combination = {
  readonly delta: Float32Array;
  /** Participants whose updates are part of it. Coordinate-wise rules drop values, not participants. */
  readonly counted: readonly string[];
};

/** Vectors that the server keeps from round to round, by name; empty before the first. */
export type ServerState = Readonly<Record<string, Float32Array>>;

export type ServerStep = {
  /** What is added to the model. */
  readonly change: Float32Array;
  readonly state: ServerState;
};

export type Strategy = {
  readonly name: string;
  /** The paper and the place in it. */
  readonly source: string;
  /** μ of the proximal term in local training; 0 for none. */
  readonly proximal: number;
  /** Updates below this many cannot be combined. */
  readonly updatesMin: number;
  /** True where single updates must be seen, so masked ones cannot be combined. */
  readonly needsSingleUpdates: boolean;
  readonly combine: (updates: readonly Update[]) => Combination;
  readonly step: (delta: Float32Array, state: ServerState) => ServerStep;
};

/** Throws a RangeError when there are too few updates or their lengths differ. */
export function aggregate(
  strategy: Strategy,
  updates: readonly Update[],
  state: ServerState,
): ServerStep & Pick<Combination, "counted"> {
  if (updates.length < strategy.updatesMin)
    throw new RangeError(
      `${strategy.name}: expected at least ${strategy.updatesMin} updates, came ${updates.length}`,
    );
  const lengths = new Set(updates.map(({ delta }) => delta.length));
  if (lengths.size > 1)
    throw new RangeError(`expected updates of one length, came ${[...lengths].join(" and ")}`);
  const { delta, counted } = strategy.combine(updates);
  return { ...strategy.step(delta, state), counted };
}
