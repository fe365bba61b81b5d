/**
 * CISA's catalogue of vulnerabilities that are known to be exploited
 * (https://www.cisa.gov/known-exploited-vulnerabilities-catalog).
 */
import { z } from "zod";
import { createRows } from "./createRows.ts";
import { blankable, isoDay, isoMoment, name, summaryLengthMax, text, toShare, toSlug } from "./fields.ts";
import type { Importer, ParsedRecord } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";

const code = "cisa-kev";
const rows = createRows(code);

export const kev: Importer = {
  name: "kev",
  source: {
    code,
    name: "Known Exploited Vulnerabilities",
    publisher: "Cybersecurity and Infrastructure Security Agency",
    domain: "CYBER",
    licence: "CC0-1.0",
    reliability: "A",
    url: "https://www.cisa.gov/known-exploited-vulnerabilities-catalog",
  },
  format: { kind: "json", array: "vulnerabilities" },
  dated: "file",
  createParser: ({ header, updatedAt, now }) => {
    // Records carry no date of change, but the catalogue does.
    const released = isoMoment.safeParse(header.dateReleased);
    const catalogue = {
      updatedAt: released.success && released.data <= now ? released.data : updatedAt,
      now,
    };
    return (record) => parseVulnerability(record, catalogue);
  },
};

const schema = z.object({
  cveID: z.string().regex(/^CVE-[0-9]{4}-[0-9]{4,19}$/, "expected a CVE id, such as CVE-2025-48384"),
  vendorProject: name,
  product: name,
  vulnerabilityName: name,
  dateAdded: isoDay,
  shortDescription: text(summaryLengthMax),
  requiredAction: text(summaryLengthMax),
  dueDate: z.iso.date(),
  knownRansomwareCampaignUse: z.enum(["Known", "Unknown"]),
  notes: blankable(z.string().max(summaryLengthMax)),
  cwes: z.array(text(20)).optional().default([]),
});

type Vulnerability = z.output<typeof schema>;

function parseVulnerability(
  record: unknown,
  { updatedAt, now }: { updatedAt: Date; now: Date },
): ParsedRecord {
  const entry = parseFields(schema, record);
  const observedAt = refuseFuture("dateAdded", entry.dateAdded, now);
  const vendor = rows.entity({
    sourceId: `vendor:${toSlug(entry.vendorProject)}`,
    kind: "ORGANISATION",
    name: entry.vendorProject,
    updatedAt,
  });
  const vulnerability = rows.entity({
    sourceId: entry.cveID,
    kind: "VULNERABILITY",
    name: entry.cveID,
    aliases: [entry.vulnerabilityName],
    description: entry.shortDescription,
    attributes: {
      vendor: entry.vendorProject,
      product: entry.product,
      exploitedSince: observedAt.toISOString(),
      // CISA's `Unknown` means that nobody confirmed it, not that it is not so.
      usedByRansomware: isUsedByRansomware(entry) ? true : null,
      cwes: entry.cwes,
    },
    updatedAt,
  });
  const signal = rows.signal({
    sourceId: entry.cveID,
    domain: "CYBER",
    kind: "exploited-vulnerability",
    title: entry.vulnerabilityName,
    summary: entry.shortDescription,
    severity: rateVulnerability(entry),
    // Listed only on reliable evidence of exploitation (BOD 22-01).
    confidence: 0.95,
    url: `https://nvd.nist.gov/vuln/detail/${entry.cveID}`,
    observedAt,
    attributes: {
      vendor: entry.vendorProject,
      product: entry.product,
      requiredAction: entry.requiredAction,
      dueDate: entry.dueDate,
      notes: entry.notes,
      cwes: entry.cwes,
    },
    entityIds: [vulnerability.id, vendor.id],
    updatedAt,
  });
  const relation = rows.relation({
    sourceId: `${vendor.sourceId}|has|${entry.cveID}`,
    kind: "has",
    fromEntityId: vendor.id,
    toEntityId: vulnerability.id,
    updatedAt,
  });
  return {
    type: "vulnerability",
    entities: [vendor, vulnerability],
    signals: [signal],
    relations: [relation],
  };
}

/**
 * KEV has no scale of its own. Being exploited at all is grave (0.7); weaknesses that hand over the whole system add
 * 0.1, use by ransomware 0.2.
 */
function rateVulnerability(entry: Vulnerability): number {
  const takeover = entry.cwes.some((cwe) => takeoverWeaknesses.has(cwe)) ? 0.1 : 0;
  return toShare(0.7 + takeover + (isUsedByRansomware(entry) ? 0.2 : 0));
}

function isUsedByRansomware({ knownRansomwareCampaignUse }: Vulnerability): boolean {
  return knownRansomwareCampaignUse === "Known";
}

/** Injection of commands or code, deserialisation, upload of programs, absent authentication (https://cwe.mitre.org). */
const takeoverWeaknesses = new Set([
  "CWE-77",
  "CWE-78",
  "CWE-94",
  "CWE-502",
  "CWE-434",
  "CWE-306",
  "CWE-287",
  "CWE-798",
]);
