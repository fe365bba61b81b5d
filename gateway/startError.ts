/** A fault at start that a person can do something about: the message says what is wrong and what to do, and is all they see. */
export class StartError extends Error {
  override readonly name = "StartError";
}
