import { describe, expect, test } from "@jest/globals";
import { kev } from "./kev.ts";

const now = new Date("2026-03-03T12:00:00Z");
const released = "2026-03-02T17:04:19.9796Z";
const parse = kev.createParser({ updatedAt: now, now, header: { dateReleased: released } });

const good = {
  cveID: "CVE-2025-48384",
  vendorProject: "Git",
  product: "Git",
  vulnerabilityName: "Git Link Following Vulnerability",
  dateAdded: "2025-08-25",
  shortDescription: "Git contains a link following vulnerability.",
  requiredAction: "Apply mitigations.",
  dueDate: "2025-09-15",
  knownRansomwareCampaignUse: "Unknown",
  notes: "",
  cwes: ["CWE-59"],
};

describe("kev", () => {
  test("gives a signal, the vulnerability, its vendor, and what ties them", () => {
    const {
      signals: [signal] = [],
      entities: [vendor, vulnerability] = [],
      relations: [relation] = [],
    } = parse(good);
    expect(signal).toMatchObject({
      sourceId: "CVE-2025-48384",
      domain: "CYBER",
      kind: "exploited-vulnerability",
      severity: 0.7,
      countryCode: null,
      observedAt: new Date("2025-08-25T00:00:00Z"),
      updatedAt: new Date("2026-03-02T17:04:19.979Z"),
      url: "https://nvd.nist.gov/vuln/detail/CVE-2025-48384",
      entityIds: [vulnerability?.id, vendor?.id],
    });
    expect(vendor).toMatchObject({ kind: "ORGANISATION", name: "Git" });
    expect(vulnerability).toMatchObject({
      kind: "VULNERABILITY",
      name: "CVE-2025-48384",
      attributes: {
        vendor: "Git",
        product: "Git",
        exploitedSince: "2025-08-25T00:00:00.000Z",
        usedByRansomware: null,
      },
    });
    expect(relation).toMatchObject({ kind: "has", fromEntityId: vendor?.id, toEntityId: vulnerability?.id });
  });

  test.each([
    ["known to be used by ransomware", { knownRansomwareCampaignUse: "Known" }, 0.9],
    ["a weakness that hands over the system", { cwes: ["CWE-20", "CWE-78"] }, 0.8],
    ["both", { knownRansomwareCampaignUse: "Known", cwes: ["CWE-502"] }, 1],
    ["an older entry without weaknesses", { cwes: undefined }, 0.7],
  ])("rates %s", (_name, change, severity) => {
    expect(parse({ ...good, ...change }).signals?.[0]?.severity).toBe(severity);
  });

  test("keeps markup in a title as text", () => {
    const title = "<script>alert(1)</script> Vulnerability";
    expect(parse({ ...good, vulnerabilityName: title }).signals?.[0]?.title).toBe(title);
  });

  test("takes the file's date when the catalogue has none, or one to come", () => {
    for (const dateReleased of [undefined, "soon", "2999-01-01T00:00:00Z"]) {
      const parseUndated = kev.createParser({ updatedAt: new Date(0), now, header: { dateReleased } });
      expect(parseUndated(good).signals?.[0]?.updatedAt).toEqual(new Date(0));
    }
  });

  test.each([
    [
      "a number for a name",
      { vendorProject: 7 },
      "vendorProject: Invalid input: expected string, received number",
    ],
    [
      "a missing product",
      { product: undefined },
      "product: Invalid input: expected string, received undefined",
    ],
    ["a blank name", { vulnerabilityName: "  " }, "vulnerabilityName: expected a text; got a blank one"],
    [
      "a title of 1 MB",
      { vulnerabilityName: "x".repeat(1_048_576) },
      "expected at most 500 characters; got 1048576",
    ],
    ["an id that is no CVE", { cveID: "CVE-1" }, "cveID: expected a CVE id"],
    ["a day that is none", { dateAdded: "2025-02-30" }, "dateAdded: Invalid ISO date"],
    ["a day to come", { dateAdded: "2026-03-09" }, "dateAdded: expected a moment that has come"],
    ["an unknown answer", { knownRansomwareCampaignUse: "Maybe" }, "knownRansomwareCampaignUse: "],
  ])("refuses %s", (_name, change, reason) => {
    expect(() => parse({ ...good, ...change })).toThrow(reason);
  });

  test.each([null, 7, "text", []])("refuses %j", (record) => {
    expect(() => parse(record)).toThrow("expected object");
  });
});
