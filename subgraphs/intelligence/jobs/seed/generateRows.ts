/**
 * Made-up signals, entities and a series for a checkout without data files, so that every part of the graph has
 * something to answer. The same every time, and every title says that it is generated.
 */
import { createSeededRandom, type Random } from "../../../shared/seededRandom.ts";
import { createRows } from "../importers/createRows.ts";
import { toShare } from "../importers/fields.ts";
import type { Domain, EntityRow, Rows, SignalRow } from "../importers/importer.ts";

export const generatorCode = "atlas-generator";

/** Not the day of the seed: generated rows would be newer with every run. */
const newest = Date.parse("2026-01-01T00:00:00Z");
const dayMs = 24 * 60 * 60_000;

const countries = ["US", "DE", "BR", "IN", "JP", "FR", "GB", "UA", "TR", "MX", "ID", "ZA"] as const;
const signalsPerCountry = 6;
const days = 90;

type Theme = {
  readonly domain: Domain;
  readonly kind: string;
  readonly words: readonly [string, ...string[]];
};

/** Infrastructure is left to the real earthquakes. */
const themes: readonly Theme[] = [
  {
    domain: "GEOPOLITICAL",
    kind: "diplomatic-protest",
    words: ["border talks", "sanctions", "a disputed vote"],
  },
  { domain: "ECONOMIC", kind: "price-shock", words: ["food prices", "the currency", "bond yields"] },
  {
    domain: "CYBER",
    kind: "exploited-vulnerability",
    words: ["a mail gateway", "a router", "a payroll server"],
  },
  { domain: "SOCIAL", kind: "media-tone", words: ["strikes", "an election", "a drought"] },
];

const { entity, entityId, relation, signal } = createRows(generatorCode);

export function generateRows(): Rows {
  const random = createSeededRandom("atlas generated examples, 1");
  const { entities, relations } = generateEntities();
  return {
    entities,
    relations,
    signals: countries.flatMap((country) =>
      themes.flatMap((theme) => generateSignals(random, country, theme)),
    ),
    stixObjects: [],
    ...generateSeries(random),
  };
}

function generateSignals(random: Random, countryCode: string, { domain, kind, words }: Theme): SignalRow[] {
  return Array.from({ length: signalsPerCountry }, (_, index) => {
    const moment = new Date(newest - Math.floor(random.next() * days * dayMs));
    return signal({
      sourceId: `${domain.toLowerCase()}-${countryCode.toLowerCase()}-${index + 1}`,
      domain,
      kind,
      title: `Generated example: ${random.pick(words)} (${countryCode}, ${index + 1})`,
      summary: "Made up by a seeded program for demonstration; it tells nothing of the world.",
      severity: toShare(0.45 + 0.2 * random.nextNormal()),
      confidence: toShare(0.6 + 0.15 * random.nextNormal()),
      countryCode,
      observedAt: moment,
      updatedAt: moment,
      entityIds: domain === "CYBER" ? [entityId("vulnerability"), entityId("organisation")] : [],
    });
  });
}

function generateEntities(): Pick<Rows, "entities" | "relations"> {
  const updatedAt = new Date(newest);
  const generated = (facts: Pick<EntityRow, "kind" | "name"> & Partial<EntityRow>): EntityRow =>
    entity({
      sourceId: facts.kind.toLowerCase(),
      updatedAt,
      description: "Made up by a seeded program for demonstration.",
      ...facts,
    });
  const relate = (kind: string, from: string, to: string) =>
    relation({
      sourceId: `${from}-${kind}-${to}`,
      kind,
      fromEntityId: entityId(from),
      toEntityId: entityId(to),
      updatedAt,
    });
  return {
    entities: [
      generated({ kind: "ACTOR", name: "Generated example: actor" }),
      generated({ kind: "ORGANISATION", name: "Generated example: vendor" }),
      generated({
        kind: "ASSET",
        name: "Generated example: power plant",
        countryCode: "US",
        latitude: 40,
        longitude: -100,
        attributes: { capacityMw: 500 },
      }),
      generated({
        kind: "VULNERABILITY",
        name: "Generated example: vulnerability",
        attributes: {
          vendor: "Generated example: vendor",
          product: "example product",
          usedByRansomware: null,
        },
      }),
      generated({
        kind: "PLACE",
        name: "Generated example: place",
        countryCode: "DE",
        latitude: 51,
        longitude: 10,
      }),
      generated({ kind: "TECHNIQUE", name: "Generated example: technique" }),
      generated({ kind: "MALWARE", name: "Generated example: malware" }),
    ],
    relations: [
      relate("uses", "actor", "technique"),
      relate("uses", "actor", "malware"),
      relate("targets", "malware", "asset"),
      relate("exploits", "malware", "vulnerability"),
      relate("located-at", "asset", "place"),
      relate("makes", "organisation", "vulnerability"),
    ],
  };
}

/** A random walk by month, for two years. */
function generateSeries(random: Random): Pick<Rows, "indicators" | "observations"> {
  const code = `${generatorCode}:price-index`;
  let value = 100;
  const observations = Array.from({ length: 24 }, (_, month) => {
    value = Math.round((value + random.nextNormal()) * 100) / 100;
    const period = new Date(Date.UTC(2024, month, 1)).toISOString().slice(0, 10);
    return { indicatorCode: code, period, value, updatedAt: new Date(newest) };
  });
  return {
    indicators: [
      {
        code,
        name: "Generated example: price index",
        unit: "index",
        sourceCode: generatorCode,
        countryCode: null,
      },
    ],
    observations,
  };
}
