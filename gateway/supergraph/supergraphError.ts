/** Why a supergraph cannot be composed or loaded: one line that names the source, then one line for each fault. */
export class SupergraphError extends Error {
  override readonly name = "SupergraphError";
  readonly summary: string;
  readonly faults: readonly string[];

  constructor(summary: string, faults: readonly string[] = [], options?: { cause?: unknown }) {
    super([summary, ...faults.map((fault) => `  - ${fault}`)].join("\n"), options);
    this.summary = summary;
    this.faults = faults;
  }
}
