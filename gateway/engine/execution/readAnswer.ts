import { AppError } from "../../errors.ts";
import type { SubgraphAnswer, SubgraphError } from "../engine.ts";
import type { FetchNode } from "../planning/queryPlan.ts";
import { isObject } from "./data.ts";

/** A subgraph's answer, checked. `parts` has one entry for each slot of the fetch, or is absent when there is no data. */
export type ReadAnswer = {
  readonly parts: readonly unknown[] | undefined;
  readonly errors: readonly PlacedError[];
};

/** Which slot an error belongs to, and where in its part; no slot when the subgraph does not say. */
export type PlacedError = {
  readonly fault: SubgraphError;
  readonly slot: number | undefined;
  readonly path: readonly (string | number)[];
};

export function readAnswer(answer: unknown, node: FetchNode, slotCount: number): ReadAnswer {
  if (!isObject(answer)) throw invalid(node, "an object", answer);
  const errors = readErrors(answer as SubgraphAnswer, node);
  const data = answer.data;
  if (data === null || data === undefined) {
    if (errors.length === 0) throw invalid(node, "data or errors", data);
    return { parts: undefined, errors };
  }
  if (!isObject(data)) throw invalid(node, "data as an object", data);
  return { parts: node.requires ? readEntities(data._entities, node, slotCount, errors) : [data], errors };
}

function readEntities(
  entities: unknown,
  node: FetchNode,
  slotCount: number,
  errors: readonly PlacedError[],
): readonly unknown[] | undefined {
  if (entities === null && errors.length > 0) return undefined;
  if (!Array.isArray(entities)) throw invalid(node, "a list of entities", entities);
  if (entities.length !== slotCount)
    throw invalid(node, `${slotCount} entities in the order asked`, `${entities.length} entities`);
  const stranger = entities.find((entity) => entity !== null && !isObject(entity));
  if (stranger !== undefined) throw invalid(node, "an object or null for each entity", stranger);
  return entities;
}

function readErrors(answer: SubgraphAnswer, node: FetchNode): PlacedError[] {
  const errors: unknown = answer.errors ?? [];
  if (!Array.isArray(errors)) throw invalid(node, "errors as a list", errors);
  return errors.map((error: unknown) => {
    const fault = isObject(error) ? error : {};
    const path = Array.isArray(fault.path) ? fault.path.filter(isStep) : [];
    return { fault: toSubgraphError(fault), ...place(path, node) };
  });
}

function place(path: readonly (string | number)[], node: FetchNode): Pick<PlacedError, "slot" | "path"> {
  if (!node.requires) return { slot: path.length > 0 ? 0 : undefined, path };
  const [root, at, ...rest] = path;
  return root === "_entities" && typeof at === "number"
    ? { slot: at, path: rest }
    : { slot: undefined, path: [] };
}

function toSubgraphError({ message, extensions }: Readonly<Record<string, unknown>>): SubgraphError {
  return {
    message:
      typeof message === "string" && message !== ""
        ? message
        : "the subgraph reported an error without a text",
    ...(isObject(extensions) ? { extensions } : {}),
  };
}

function isStep(step: unknown): step is string | number {
  return typeof step === "string" || typeof step === "number";
}

function invalid(node: FetchNode, expected: string, came: unknown): AppError {
  const what =
    typeof came === "string" ? came : came === null ? "null" : Array.isArray(came) ? "a list" : typeof came;
  const message = `a subgraph's answer is not usable: expected ${expected}, came ${what}`;
  return new AppError("SUBGRAPH_INVALID_RESPONSE", 502, message, {
    cause: new Error(`subgraph ${node.subgraph}`),
  });
}
