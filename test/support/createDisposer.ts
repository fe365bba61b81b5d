/** Disposes of many things in the reverse order of their making (Node 20 has no AsyncDisposableStack). */
export type Disposer = AsyncDisposable & {
  /** Remembers `made` and answers it. */
  readonly use: <Made extends AsyncDisposable>(made: Made) => Made;
};

export function createDisposer(): Disposer {
  const made: AsyncDisposable[] = [];
  return {
    use: (one) => {
      made.push(one);
      return one;
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of made.splice(0).reverse()) await one[Symbol.asyncDispose]();
    },
  };
}
