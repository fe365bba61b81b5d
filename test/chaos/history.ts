/** What the clients of a run were told of each write: the only thing that the checker believes. */

export type Write = {
  readonly region: string;
  readonly kind: "hot" | "resident" | "consent" | "signal";
  /** `wait`: acknowledged only when a second place has it. `local`: acknowledged when this region has it. */
  readonly durability: "wait" | "local";
  readonly residency: string;
  readonly pk: string;
  readonly origin: string;
  readonly seq: string;
  readonly hlc: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
};

export type History = {
  readonly acknowledged: Write[];
  /** The commit was cut off: it may have happened or not. */
  unknown: number;
  /** Refused with a reason before the commit, by its SQLSTATE. */
  readonly refused: Map<string, number>;
  /** Lives of disks that a fault took away. */
  readonly lostLives: Set<string>;
};

export function createHistory(): History {
  return { acknowledged: [], unknown: 0, refused: new Map(), lostLives: new Set() };
}
