/** Names a rule where it is asked: in the catalogue, and in the entrypoint of its question. The text stays explicit Rego. */
import type { NewRule } from "./ruleFiles.ts";

type Change = (text: string, made: NewRule) => string;

/** By path from the root. */
export const changesByQuestion: Readonly<
  Record<NewRule["question"], ReadonlyMap<string, readonly Change[]>>
> = {
  fields: new Map([
    ["policies/rules.rego", [addImport, addToCatalogue]],
    ["policies/fields.rego", [addImport, addToOrder, addHolds]],
  ]),
  objects: new Map([
    ["policies/rules.rego", [addImport, addToCatalogue]],
    ["policies/objects.rego", [addImport, addVerdict]],
    ["policies/filters.rego", [addImport, addCondition]],
  ]),
};

/** Imports stand in the order of their names. */
function addImport(text: string, { area, rule }: NewRule): string {
  const line = `import data.atlas.${area}.${rule}`;
  const lines = text.split("\n");
  const imports = lines.flatMap((one, at) => (one.startsWith("import data.atlas.") ? [at] : []));
  const before = imports.find((at) => (lines[at] ?? "") > line);
  const last = imports.at(-1);
  if (last === undefined) throw new Error("expected imports of rules");
  lines.splice(before ?? last + 1, 0, line);
  return lines.join("\n");
}

/** Entries stand in the order of their names. */
function addToCatalogue(text: string, { area, rule }: NewRule): string {
  const line = `\t"${area}.${rule}": ${rule}.about,`;
  return replaceOnce(text, /(_rules := \{\n)((?:\t"[\w.]+": \w+\.about,\n)+)/, (_, begin, entries) =>
    [begin, ...[...entries.split("\n").filter(Boolean), line].sort().map((entry) => `${entry}\n`)].join(""),
  );
}

/** Last: the rules before it say more exactly what is wrong. */
function addToOrder(text: string, { area, rule }: NewRule): string {
  return replaceOnce(text, /_rules := \[\n(?:\t"[\w.]+",\n)+/, (order) => `${order}\t"${area}.${rule}",\n`);
}

function addHolds(text: string, { area, rule }: NewRule): string {
  return addAfterLast(
    text,
    /^_holds\("[\w.]+", request\) if .*$/gm,
    `_holds("${area}.${rule}", request) if ${rule}.holds(request)`,
  );
}

function addVerdict(text: string, { area, rule }: NewRule): string {
  return addAfterLast(
    text,
    /^_asked\("[\w.]+", row\) := .*$/gm,
    `_asked("${area}.${rule}", row) := ${rule}.verdict(row)`,
  );
}

function addCondition(text: string, { area, rule }: NewRule): string {
  return addAfterLast(
    text,
    /^_asked\("[\w.]+", type\) := .*$/gm,
    `_asked("${area}.${rule}", type) := ${rule}.condition(type)`,
  );
}

function addAfterLast(text: string, pattern: RegExp, line: string): string {
  const last = [...text.matchAll(pattern)].at(-1);
  if (!last) throw new Error(`expected a line like ${pattern.source}`);
  const end = last.index + last[0].length;
  return `${text.slice(0, end)}\n\n${line}${text.slice(end)}`;
}

function replaceOnce(text: string, pattern: RegExp, change: (...groups: string[]) => string): string {
  if (!pattern.test(text)) throw new Error(`expected text like ${pattern.source}`);
  return text.replace(pattern, change);
}
