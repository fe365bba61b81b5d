/** What learning new tasks did to the old ones. `accuracies[i][j]`: on task j after task i was learned; a square. */

export type Forgetting = {
  /** Mean accuracy over all tasks at the end. */
  readonly accuracy: number;
  /** Mean change of the old tasks since each was learned; negative is forgetting (Lopez-Paz and Ranzato 2017, §2). */
  readonly backwardTransfer: number;
  /** Mean fall of the old tasks from the best they ever were (Chaudhry et al. 2018, §3). */
  readonly forgetting: number;
};

export function measureForgetting(accuracies: readonly (readonly number[])[]): Forgetting {
  const tasks = accuracies.length;
  if (tasks < 2 || accuracies.some((row) => row.length !== tasks))
    throw new RangeError(`expected a square of at least 2 × 2 accuracies, came ${tasks} rows`);
  const at = (after: number, task: number): number => accuracies[after]?.[task] ?? 0;
  const last = tasks - 1;
  const old = Array.from({ length: last }, (_, task) => task);
  return {
    accuracy: mean(Array.from({ length: tasks }, (_, task) => at(last, task))),
    backwardTransfer: mean(old.map((task) => at(last, task) - at(task, task))),
    forgetting: mean(old.map((task) => Math.max(...old.map((after) => at(after, task))) - at(last, task))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
