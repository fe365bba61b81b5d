/** A fault that a person can do something about: the message says what is wrong and what to do, and is all they see. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
}
