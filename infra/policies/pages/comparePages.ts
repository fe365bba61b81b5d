/** Which pages of rules are not what their rules say. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../local/paths.ts";
import { renderPages } from "./renderPages.ts";

export type PageChanges = {
  /** By path, what should be there. */
  readonly stale: ReadonlyMap<string, string>;
  /** Paths of pages without a rule. */
  readonly gone: readonly string[];
};

export async function comparePages(root = checkout): Promise<PageChanges> {
  const pages = await renderPages(root);
  const folder = join(root, "docs/policies");
  const present = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const written = present
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return {
    stale: new Map([...pages].filter(([path, text]) => findText(join(root, path)) !== text)),
    gone: written.filter((path) => !pages.has(path)),
  };
}

/** For `npm run check`. */
export async function checkPages(): Promise<readonly string[]> {
  const { stale, gone } = await comparePages();
  const paths = [...stale.keys(), ...gone];
  return paths.length === 0
    ? []
    : [
        `not what the rules and the supergraph say: ${paths.join(", ")}. Run npm run policy:pages and commit them.`,
      ];
}

function findText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
