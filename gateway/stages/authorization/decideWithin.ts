import { AppError } from "../../errors.ts";

/** A decision in time, or none: whatever goes wrong with a policy, nothing is shown. */
export async function decideWithin<Answer>(deadlineMs: number, work: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no decision within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    const message = "The access policy gave no answer, so nothing is shown.";
    throw new AppError("POLICY_UNAVAILABLE", 503, message, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** How long a policy may think. */
export const deadlineMsDefault = 1_000;
