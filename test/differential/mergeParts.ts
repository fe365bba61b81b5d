/** Puts a deferred answer together as clients do: each part into the object at its path, failed parts nowhere. */
import type { ExecutionResult } from "graphql";
import type { DeferredAnswer, LateAnswer, LatePart } from "../../gateway/engine/engine.ts";

export type MergedAnswer = ExecutionResult & {
  readonly isDeferred: boolean;
  /** Paths of the parts that came without data. */
  readonly failed: readonly LatePart["path"][];
};

export async function mergeParts({ first, pending, rest }: DeferredAnswer): Promise<MergedAnswer> {
  const data: NonNullable<ExecutionResult["data"]> | null = JSON.parse(JSON.stringify(first.data ?? null));
  const deliveries: LateAnswer[] = [];
  const open = new Set(pending.map(({ id }) => id));
  for await (const delivery of rest) {
    deliveries.push(delivery);
    for (const { id } of delivery.pending) open.add(id);
    for (const { id, path, answer } of delivery.parts) {
      if (!open.delete(id)) throw new Error(`a part that nobody announced: ${path.join(".")}`);
      if (answer.data) merge(find(data, path), JSON.parse(JSON.stringify(answer.data)));
    }
    if (delivery.hasNext !== open.size > 0)
      throw new Error(`hasNext is ${delivery.hasNext}, ${open.size} open`);
  }
  if (open.size > 0) throw new Error(`${open.size} parts never came`);
  const parts = deliveries.flatMap((delivery) => delivery.parts);
  const errors = [first, ...parts.map(({ answer }) => answer)].flatMap((answer) => answer.errors ?? []);
  return {
    data,
    ...(errors.length > 0 ? { errors } : {}),
    isDeferred: deliveries.length > 0,
    failed: parts.filter(({ answer }) => !answer.data).map(({ path }) => path),
  };
}

function find(data: unknown, path: LatePart["path"]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (!isContainer(value) || !Object.hasOwn(value, step))
      throw new Error(`a part for a place that is not there: ${path.join(".")}`);
    return Reflect.get(value, step);
  }, data);
}

function merge(target: unknown, source: unknown): void {
  if (!isContainer(target) || !isContainer(source)) throw new Error("expected two objects or lists");
  for (const key of Object.keys(source)) {
    const value: unknown = Reflect.get(source, key);
    const known: unknown = Object.hasOwn(target, key) ? Reflect.get(target, key) : undefined;
    if (isContainer(known) && isContainer(value)) merge(known, value);
    else Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
