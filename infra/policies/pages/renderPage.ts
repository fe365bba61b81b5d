/** The page of a rule, in Markdown. */
import type { Examples } from "./findExamples.ts";
import type { GuardedPlace, Places } from "./findPlaces.ts";
import type { RuleSource } from "./readRules.ts";

export const generatedNote =
  "<!-- Written by `npm run policy:pages` from the rule's METADATA, the case tables and the supergraph; do not edit. -->";

const questions = {
  fields: "fields: asked once for an operation, before anything is fetched",
  objects: "objects: asked about loaded rows; its `condition` filters lists before",
  audit: "audit: asked about decisions themselves",
} as const;

const modes = {
  enforce: "enforce: what it denies is not shown",
  reject: "reject: the whole operation is refused",
  "dry-run": "dry-run: only told in the record of decisions",
} as const;

export function renderPage(source: RuleSource, places: Places, { examples, tables }: Examples): string {
  const { area, name, title, description, rule, reasons, outcomes, documents, promises } = source;
  const root = "../../..";
  const reads = [
    ...rule.reads,
    ...Object.values(rule.arguments).flatMap((names) => names.map((one) => `arguments.${one}`)),
  ];
  return [
    generatedNote,
    `# ${rule.name}: ${title}`,
    description,
    table([
      ["question", questions[rule.question]],
      ["mode", modes[rule.mode]],
      ["reads of the caller and the moment", list(rule.reads) || "nothing: all callers are alike to it"],
      ...(reads.length > rule.reads.length
        ? [["reads of arguments", list(reads.slice(rule.reads.length))] as const]
        : []),
      ...(documents.length > 0
        ? [["reads of the bundle's data", documents.map((path) => linkTo(path, root)).join(", ")] as const]
        : []),
      ["says", list(reasons)],
      ...(outcomes.length > 0 ? [["makes of a row", list(outcomes)] as const] : []),
    ]),
    "## Where it applies",
    renderPlaces(places),
    ...(examples.length > 0
      ? [
          "## Examples",
          `Cases of ${tables.map((path) => `[${path}](${root}/${path})`).join(", ")}, which are asked of Rego, of the WASM that runs and of the graph.`,
          table([
            ["caller", "asks for", "outcome"],
            ...examples.map(({ caller, asks, outcome }) => [caller, `\`${asks}\``, outcome]),
          ]),
        ]
      : []),
    "## What its tests promise",
    promises.map((promise) => `- ${promise}`).join("\n"),
    `Rule: [${name}.rego](${root}/policies/${area}/${name}.rego). Tests: [${name}_test.rego](${root}/policies/${area}/${name}_test.rego). All rules: [policies](../../guides/policies.md).`,
  ]
    .join("\n\n")
    .concat("\n");
}

function renderPlaces(places: Places): string {
  if (places.kind === "everything") return places.text;
  if (places.kind === "types") return renderTypes(places.types);
  return table([
    ["demand", "coordinates"],
    ...[...places.groups].map(([group, coordinates]) => [`\`${group}\``, list(coordinates)]),
  ]);
}

function renderTypes(types: readonly GuardedPlace[]): string {
  return table([
    ["rows of", "attributes, and where they come from", "classes of data"],
    ...types.map(({ type, attributes, classes }) => [
      `\`${type}\``,
      attributes
        .map(([attribute, selection]) =>
          attribute === selection ? `\`${attribute}\`` : `\`${attribute}\`: \`${selection}\``,
        )
        .join(", "),
      Object.entries(classes)
        .map(([field, of]) => `\`${field}\`: ${of.join(", ")}`)
        .join("; "),
    ]),
  ]);
}

/** The first row is the head; one of two cells with a text before it has none. */
function table(rows: readonly (readonly string[])[]): string {
  const width = rows[0]?.length ?? 0;
  const isPlain = width === 2 && rows[0]?.[0] === "question";
  const [head = [], ...body] = isPlain ? [["", ""], ...rows] : rows;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(width)}`, ...body.map(line)].join("\n");
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** Each area keeps its documents in one file. */
function linkTo(document: string, root: string): string {
  return `[\`data.${document}\`](${root}/policies/${document.split(".")[0]}/data.json)`;
}
