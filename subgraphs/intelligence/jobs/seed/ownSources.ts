/** The sources that are nobody else's: what people record, and what is made up for a graph without data files. */
import type { SourceFacts } from "../importers/importer.ts";
import { generatorCode } from "./generateRows.ts";

export const ownSources: readonly SourceFacts[] = [
  {
    code: "analyst",
    name: "Signals recorded by hand",
    publisher: "The tenant's own analysts",
    domain: "GEOPOLITICAL",
    licence: "The tenant's own",
    reliability: "F",
    url: "https://atlas.example/sources/analyst",
  },
  {
    code: generatorCode,
    name: "Generated examples",
    publisher: "Atlas",
    domain: "GEOPOLITICAL",
    licence: "CC0 1.0: made up by a program, tells nothing of the world",
    reliability: "F",
    url: "https://atlas.example/sources/generator",
  },
];
