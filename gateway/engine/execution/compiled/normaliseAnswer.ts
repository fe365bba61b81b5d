/**
 * Writes an answer anew as the scanner expects it: for subgraphs that print whitespace, escapes, numbers or the keys of
 * objects in ways of their own. It costs a parse and a print, and still less than the general executor.
 */
import type { SubgraphText } from "../../engine.ts";
import { isObject, readKey } from "../data.ts";
import type { Step } from "./compiledPlan.ts";
import { LIST, OBJECT, type ObjectShape, type ValueShape } from "./shape.ts";

/** Undefined when it has errors or cannot be what was asked. */
export function normaliseAnswer(
  answer: SubgraphText,
  step: Step,
  parts: readonly ObjectShape[],
): Buffer | undefined {
  const parsed = parse(answer);
  if (!parsed || parsed.errors || !isObject(parsed.data)) return undefined;
  const data = step.rootAttachment
    ? arrangeObject(parsed.data, step.rootAttachment.part)
    : { _entities: arrangeEntities(parsed.data._entities, parts) };
  return Buffer.from(JSON.stringify({ data }));
}

/** What is wrong with it is told by the general executor. */
function parse(answer: SubgraphText) {
  try {
    return answer.parse();
  } catch {
    return undefined;
  }
}

function arrangeEntities(entities: unknown, parts: readonly ObjectShape[]): unknown {
  if (!Array.isArray(entities) || entities.length !== parts.length) return undefined;
  return parts.map((part, at) => (entities[at] === null ? null : arrangeObject(entities[at], part)));
}

/** What is missing stays missing, and what is of a wrong type comes as it is: the scanner refuses both. */
function arrangeObject(value: unknown, { fields }: ObjectShape): unknown {
  if (!isObject(value)) return value;
  const arranged: Record<string, unknown> = Object.create(null);
  for (const field of fields) arranged[field.textKey] = arrange(readKey(value, field.textKey), field.value);
  return arranged;
}

function arrange(value: unknown, shape: ValueShape): unknown {
  if (shape.kind === LIST)
    return Array.isArray(value) ? value.map((item) => shape.item && arrange(item, shape.item)) : value;
  if (shape.kind !== OBJECT || !shape.place) return value;
  const { variants, isAbstract } = shape.place;
  const typeName = readKey(value, "__typename");
  const variant = isAbstract ? variants.find((one) => one.typeName === typeName) : variants[0];
  return variant ? arrangeObject(value, variant) : value;
}
