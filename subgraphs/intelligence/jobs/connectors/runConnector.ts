/** One run of one connector: which importer, which way of fetching. */
import { createFeedImporter } from "../importers/feed.ts";
import { ImportError } from "../importers/importError.ts";
import type { Importer, SourceFacts } from "../importers/importer.ts";
import { getImporter } from "../importers/importers.ts";
import { createStixImporter } from "../importers/stix.ts";
import type { ConnectorKind, Run, RunOutcome } from "./connector.ts";
import { fetchDocument } from "./fetchDocument.ts";
import { fetchGdelt } from "./fetchGdelt.ts";
import { fetchTaxii } from "./fetchTaxii.ts";

const fetchers: Readonly<Record<ConnectorKind, (run: Run) => Promise<RunOutcome>>> = {
  DOCUMENT: fetchDocument,
  GDELT: fetchGdelt,
  TAXII: fetchTaxii,
};

/** Throws an ImportError for what the source did wrong, LeaseLost when another process has taken over. */
export function runConnector(run: Run): Promise<RunOutcome> {
  return fetchers[run.connector.kind](run);
}

/**
 * Feeds and collections take the source that is registered for them; other importers know theirs. Throws SOURCE_UNKNOWN
 * where there is no such source, or the importer reads another one.
 */
export function findImporter(name: string, sourceCode: string, source: SourceFacts | null): Importer {
  const importer = name === "feed" || name === "stix" ? null : getImporter(name);
  if (importer !== null) {
    if (importer.source.code === sourceCode) return importer;
    throw new ImportError(
      "SOURCE_UNKNOWN",
      `expected the source ${importer.source.code} of ${name}; got ${sourceCode}`,
    );
  }
  const known = source ?? (name === "stix" ? getImporter(name).source : null);
  if (known === null || known.code !== sourceCode) {
    throw new ImportError(
      "SOURCE_UNKNOWN",
      `expected a source that is registered (npm run source:register); got ${sourceCode}`,
    );
  }
  return name === "feed" ? createFeedImporter(known) : createStixImporter(known);
}
