/** Every importer, by the name that `npm run import` takes. In the order in which a seed reads them: events before mentions. */
import { brent } from "./brent.ts";
import { exchangeRates } from "./exchangeRates.ts";
import { gdeltEvents } from "./gdeltEvents.ts";
import { gdeltFifteenMinuteEvents, gdeltFifteenMinuteMentions } from "./gdeltFifteenMinutes.ts";
import { gdeltMentions } from "./gdeltMentions.ts";
import { ImportError } from "./importError.ts";
import type { Importer } from "./importer.ts";
import { kev } from "./kev.ts";
import { powerPlants } from "./powerPlants.ts";
import { stix } from "./stix.ts";
import { usgs } from "./usgs.ts";
import { worldbankGdp } from "./worldbankGdp.ts";

export const importers: readonly Importer[] = [
  kev,
  usgs,
  gdeltEvents,
  gdeltMentions,
  gdeltFifteenMinuteEvents,
  gdeltFifteenMinuteMentions,
  stix,
  worldbankGdp,
  powerPlants,
  exchangeRates,
  brent,
];

/** Throws SOURCE_UNKNOWN, telling which there are. */
export function getImporter(name: string): Importer {
  const importer = importers.find((one) => one.name === name);
  if (importer !== undefined) return importer;
  const names = importers.map((one) => one.name).join(", ");
  throw new ImportError(
    "SOURCE_UNKNOWN",
    `expected a source, one of ${names}; got ${JSON.stringify(name.slice(0, 80))}`,
  );
}
