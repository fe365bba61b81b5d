/**
 * Sums that nobody sees the parts of. A scheme is a list of stages; in each the coordinator sends every participant still
 * there a message and collects answers. The coordinator's side is a pure function of what was collected, so that it can
 * be stored, and go on after a crash; a participant that does not answer a stage has dropped out.
 */

/** Named byte strings; what travels and what is stored. */
export type Message = Readonly<Record<string, Uint8Array>>;

/** Answers by participant. */
export type Answers = ReadonlyMap<string, Message>;

/** Answers of the stages that are over, by stage. */
export type Collected = ReadonlyMap<string, Answers>;

export type SumTask = {
  /** Mixed into every key and ciphertext, so that nothing of one round fits another. */
  readonly roundId: string;
  readonly participants: readonly string[];
  /** How many of them must last to the end. */
  readonly threshold: number;
  /** Values of one vector. */
  readonly length: number;
  /** Values are clipped to ±bound before they are summed. */
  readonly bound: number;
  /** Weights are whole numbers from 1 to this. */
  readonly weightMax: number;
};

export type Contribution = {
  readonly values: Float32Array;
  /** Such as the number of samples. */
  readonly weight: number;
};

export type WeightedSum = {
  /** Σ weight · value. */
  readonly values: Float64Array;
  /** Σ weight. */
  readonly weight: number;
  readonly contributors: readonly string[];
};

export type SecureScheme = {
  readonly name: "SECAGG" | "CKKS";
  readonly stages: readonly string[];
  /** Throws a RangeError when the task cannot be done within the scheme's limits. */
  readonly assertPossible: (task: SumTask) => void;
  readonly createParticipant: (
    task: SumTask,
    name: string,
    contribution: Contribution,
  ) => SecureParticipant | Promise<SecureParticipant>;
  /** What a participant is sent at the start of a stage; undefined for one that is not asked. */
  readonly toRequest: (
    task: SumTask,
    stage: string,
    participant: string,
    collected: Collected,
  ) => Promise<Message | undefined>;
  /** Throws a SecureSumError when too few answered, or an answer does not fit. */
  readonly sum: (task: SumTask, collected: Collected) => Promise<WeightedSum>;
};

export type SecureParticipant = {
  /** Throws a SecureSumError when the request asks for what would lay a secret open. */
  readonly answer: (stage: string, request: Message) => Promise<Message>;
};

export type SecureSumFault =
  | "TOO_FEW_PARTICIPANTS"
  | "CORRUPT_MESSAGE"
  | "REVEALING_REQUEST"
  | "OUT_OF_RANGE";

export class SecureSumError extends Error {
  readonly fault: SecureSumFault;
  constructor(fault: SecureSumFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SecureSumError";
    this.fault = fault;
  }
}

export function getPart(message: Message | undefined, name: string): Uint8Array {
  const part = message?.[name];
  if (!part) throw new SecureSumError("CORRUPT_MESSAGE", `expected a message with ${name}, came one without`);
  return part;
}

/** Those who answered a stage, in the order of the task. */
export function answerersOf(task: SumTask, stage: string, collected: Collected): readonly string[] {
  const answers = collected.get(stage);
  return task.participants.filter((name) => answers?.has(name));
}

export function assertThreshold(task: SumTask, stage: string, names: readonly string[]): void {
  if (names.length < task.threshold)
    throw new SecureSumError(
      "TOO_FEW_PARTICIPANTS",
      `expected at least ${task.threshold} participants in ${stage}, came ${names.length}`,
    );
}

/** Judged before anything is masked or encrypted: afterwards nobody can. */
export function assertContribution(task: SumTask, { values, weight }: Contribution): void {
  if (values.length !== task.length)
    throw new SecureSumError("OUT_OF_RANGE", `expected ${task.length} values, came ${values.length}`);
  if (!(Number.isInteger(weight) && weight >= 1 && weight <= task.weightMax))
    throw new SecureSumError(
      "OUT_OF_RANGE",
      `expected a whole weight from 1 to ${task.weightMax}, came ${weight}`,
    );
  if (values.some((value) => !Number.isFinite(value)))
    throw new SecureSumError("OUT_OF_RANGE", "expected finite values, came others");
}
