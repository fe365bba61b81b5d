/** Holds whoever comes until it is opened; then they go on, and whoever comes later is not held. */
export type Gate = {
  readonly pass: () => Promise<void>;
  readonly open: () => void;
  /** Holds those who come from now on. */
  readonly shut: () => void;
  /** How many are held. */
  readonly held: () => number;
};

export function createGate(): Gate {
  let waiting: (() => void)[] = [];
  let isOpen = true;
  return {
    pass: () => (isOpen ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    open: () => {
      isOpen = true;
      for (const go of waiting) go();
      waiting = [];
    },
    shut: () => {
      isOpen = false;
    },
    held: () => waiting.length,
  };
}
