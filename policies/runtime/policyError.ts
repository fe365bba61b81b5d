/** What can go wrong with a policy. Every one of them means that nobody gets anything. */
export type PolicyErrorCode =
  /** The file is not a bundle, or lacks what a bundle must have. */
  | "BUNDLE_INVALID"
  /** Nobody whose key is configured has signed the bundle as it is. */
  | "BUNDLE_UNTRUSTED"
  /** The bundle's revision is not later than that of the one it would replace. */
  | "BUNDLE_OUTDATED"
  /** The module calls a built-in function that this host does not supply. */
  | "BUILTIN_UNKNOWN"
  /** The question is larger than a policy is ever asked. */
  | "QUESTION_TOO_LARGE"
  /** The policy took more steps than it is allowed; it may never have ended. */
  | "FUEL_EXHAUSTED"
  /** The policy threw, or ran out of the memory it is allowed. */
  | "EVALUATION_FAILED"
  /** The policy had no answer, or one that is not exactly one decision for each request. */
  | "ANSWER_INVALID";

export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly code: PolicyErrorCode;

  constructor(code: PolicyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
