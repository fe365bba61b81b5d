/** docs/errors.md and the closed lists of codes say the same, in both directions. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/errors.md");

describe.each([
  { section: "Gateway", file: "gateway/errors.ts", list: /gatewayErrorCodes = \[(.*?)\] as const/s },
  { section: "Subgraphs", file: "subgraphs/shared/errors.ts", list: /type SubgraphErrorCode =(.*?);/s },
  {
    section: "Imports",
    file: "subgraphs/intelligence/jobs/importers/importError.ts",
    list: /type ImportErrorCode =(.*?);/s,
  },
  {
    section: "Ingestion: requests",
    file: "subgraphs/intelligence/ingest/answerIngest.ts",
    list: /type IngestErrorCode =(.*?);/s,
  },
  {
    section: "Ingestion: records",
    file: "subgraphs/intelligence/ingest/refusal.ts",
    list: /type RefusalReason =(.*?);/s,
  },
])("the codes of $file", ({ section, file, list }) => {
  const declared = [...(list.exec(read(file))?.[1] ?? "").matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code);
  const documented = [...sectionOf(section).matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);

  test("are found where this test looks for them", () => expect(declared.length).toBeGreaterThan(5));
  test("are each documented once, and nothing else is", () =>
    expect(documented.sort()).toEqual(declared.sort()));
});

/** From its heading to the next of the same level. */
function sectionOf(heading: string): string {
  return page.split(/^## /m).find((section) => section.startsWith(`${heading}\n`)) ?? "";
}
