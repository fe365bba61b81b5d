/**
 * Ids of operations that a gateway runs only to explain access to their rows. They travel in the signed context, so that
 * whoever is asked for an explanation there knows that one is being made: each would run another one twice.
 */
import { randomUUID } from "node:crypto";

const prefix = "explanation:";

export function makeExplanationId(): string {
  return `${prefix}${randomUUID()}`;
}

export function isExplanationId(operationId: string): boolean {
  return operationId.startsWith(prefix);
}
