/** A type whose rows rules decide about, as the policies are told of it. */
export type GuardedType = {
  /** Names of the rules, such as `access.clearance`. */
  readonly rules: readonly string[];
  /** Names of the attributes with which its objects come. */
  readonly attributes: readonly string[];
  /** Classes of data (`@classified`) by field. */
  readonly classes: Readonly<Record<string, readonly string[]>>;
};
