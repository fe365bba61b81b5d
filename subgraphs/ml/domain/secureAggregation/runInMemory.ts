/** All sides of a secure sum in one process: for tests and measurements of what a round costs. */
import type {
  Answers,
  Contribution,
  Message,
  SecureParticipant,
  SecureScheme,
  SumTask,
  WeightedSum,
} from "./secureSum.ts";

export type InMemoryRun = {
  readonly sum: WeightedSum;
  /** All that the coordinator ever saw. */
  readonly collected: ReadonlyMap<string, Answers>;
};

/** `isThere` says whether a participant answers a stage. */
export async function runInMemory(
  scheme: SecureScheme,
  task: SumTask,
  contributions: ReadonlyMap<string, Contribution>,
  isThere: (participant: string, stage: string) => boolean = () => true,
): Promise<InMemoryRun> {
  const participants = new Map<string, SecureParticipant>();
  for (const [name, contribution] of contributions)
    participants.set(name, await scheme.createParticipant(task, name, contribution));
  const collected = new Map<string, Answers>();
  for (const stage of scheme.stages) {
    const answers = new Map<string, Message>();
    for (const [name, participant] of participants) {
      if (!isThere(name, stage)) continue;
      const request = await scheme.toRequest(task, stage, name, collected);
      if (request) answers.set(name, await participant.answer(stage, request));
    }
    collected.set(stage, answers);
  }
  return { sum: await scheme.sum(task, collected), collected };
}
