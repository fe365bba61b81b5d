/** Why an update does not count. The codes are stored with the update and shown in the graph. */
export const refusalCodes = [
  "TOO_LARGE",
  "UNDECODABLE",
  "WRONG_SHAPE",
  "NOT_FINITE",
  "SAMPLES_OUT_OF_RANGE",
  "NORM_TOO_LARGE",
  "NOT_A_CHANGE",
  "UNLIKE_THE_OTHERS",
  "HOLD_OUT_FELL",
  "WRONG_BASE",
  "ROUND_CLOSED",
  "NOT_SELECTED",
  "ATTEMPT_SUPERSEDED",
  "REPLAYED",
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

export type Refusal = {
  readonly code: RefusalCode;
  /** What was expected and what came; never values of the update. */
  readonly message: string;
};

export class UpdateRefused extends Error {
  readonly refusal: Refusal;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "UpdateRefused";
    this.refusal = { code, message };
  }
}
