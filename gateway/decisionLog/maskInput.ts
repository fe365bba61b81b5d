/** What of a question goes on record: the input without what the policy masks. */
import type { Recording } from "../../policies/runtime/decideRecording.ts";

export type MaskedInput = {
  /** JSON; null when nothing of it may be kept. */
  readonly input: string | null;
  /** Paths of what is not as it was asked. */
  readonly masked: readonly string[];
};

/** `hashOf` is keyed, so that who is known can be found in the record, and nobody can be read from it. */
export function maskInput(
  input: string,
  masks: Recording["masks"],
  hashOf: (text: string) => string,
): MaskedInput {
  if (masks === null) return { input: null, masked: ["*"] };
  const paths = Object.entries(masks);
  if (paths.length === 0) return { input, masked: [] };
  const copy: unknown = JSON.parse(input);
  const masked = paths.flatMap(([path, how]) => (maskAt(copy, path.split("."), how, hashOf) ? [path] : []));
  return masked.length === 0 ? { input, masked } : { input: JSON.stringify(copy), masked };
}

/** Whether something was there. `*` stands for every element or member. */
function maskAt(
  within: unknown,
  [name = "", ...rest]: readonly string[],
  how: "hash" | "redact",
  hashOf: (text: string) => string,
): boolean {
  if (typeof within !== "object" || within === null) return false;
  if (name === "*")
    return Object.keys(within)
      .map((key) => maskAt(within, [key, ...rest], how, hashOf))
      .includes(true);
  if (!Object.hasOwn(within, name)) return false;
  const value: unknown = Reflect.get(within, name);
  if (rest.length > 0) return maskAt(value, rest, how, hashOf);
  if (value === null || value === undefined) return false;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  Reflect.set(within, name, how === "hash" ? hashOf(text) : null);
  return true;
}
