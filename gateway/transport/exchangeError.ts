/** Why one HTTP exchange with a subgraph gave no answer. */
export type ExchangeFailure =
  /** No connection, or it broke before the first byte of an answer: asking again may help and cannot repeat an answer. */
  | "unanswered"
  /** It broke after the first byte. */
  | "broken"
  | "too-slow"
  | "too-large"
  /** Packed in a way that is not known or not valid. */
  | "undecodable";

export class ExchangeError extends Error {
  override readonly name = "ExchangeError";
  readonly kind: ExchangeFailure;

  constructor(kind: ExchangeFailure, cause: unknown) {
    super(kind, { cause });
    this.kind = kind;
  }
}
