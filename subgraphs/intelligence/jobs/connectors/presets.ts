/** Feeds that are known by name, as their publishers describe them. Their terms are those of the importer's source. */
import type { ConnectorKind } from "./connector.ts";

export type Preset = {
  readonly kind: ConnectorKind;
  readonly importer: string;
  /** Null: named when it is registered. */
  readonly url: string | null;
  readonly everySeconds: number;
};

export const presets: Readonly<Record<string, Preset>> = {
  kev: {
    kind: "DOCUMENT",
    importer: "kev",
    url: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    everySeconds: 3_600,
  },
  usgs: {
    kind: "DOCUMENT",
    importer: "usgs",
    url: "https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/all_week.geojson",
    everySeconds: 300,
  },
  "gdelt-events": {
    kind: "GDELT",
    importer: "gdelt-events-v2",
    url: "http://data.gdeltproject.org/gdeltv2/lastupdate.txt",
    everySeconds: 900,
  },
  "gdelt-mentions": {
    kind: "GDELT",
    importer: "gdelt-mentions-v2",
    url: "http://data.gdeltproject.org/gdeltv2/lastupdate.txt",
    everySeconds: 900,
  },
  stix: { kind: "DOCUMENT", importer: "stix", url: null, everySeconds: 86_400 },
  taxii: { kind: "TAXII", importer: "stix", url: null, everySeconds: 3_600 },
  feed: { kind: "DOCUMENT", importer: "feed", url: null, everySeconds: 900 },
};
