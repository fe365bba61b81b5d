import { fieldsOfFetch } from "./fieldsOfFetch.ts";

/** The keys below the root, or below `_entities` and its fragments. */
export function findDelivered(operation: string, isEntityFetch: boolean): string[] {
  const top = fieldsOfFetch(operation, isEntityFetch).filter(({ keys }) => keys.length === 1);
  return [...new Set(top.flatMap(({ keys }) => keys))];
}
