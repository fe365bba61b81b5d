/** Imports one file or URL of one source. */
import { getImporter } from "./importers/importers.ts";
import { defaultOpenOptions, type OpenOptions, openLocation } from "./importers/reading/openLocation.ts";
import { type ImportSummary, type ImportTarget, importOpened } from "./importOpened.ts";

export type ImportOptions = ImportTarget & {
  /** Name of an importer, such as `kev`. */
  readonly source: string;
  /** Path of a file, or an http(s) URL; plain or gzip. */
  readonly location: string;
  readonly open?: Partial<OpenOptions>;
};

/** Throws an ImportError when there is nothing to import: unknown source, no such file. */
export async function importSource({
  source,
  location,
  open,
  ...target
}: ImportOptions): Promise<ImportSummary> {
  const importer = getImporter(source);
  const opened = await openLocation(location, { ...defaultOpenOptions, ...open });
  return importOpened(importer, opened, target);
}
