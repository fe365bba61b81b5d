/** How long data is kept. The laws ask for "no longer than needed"; the numbers of days are our reading of it. */

export type DataClass = "PERSONAL" | "SENSITIVE" | "LOCATION" | "SOURCE_IDENTITY";

export type RetentionFacts = {
  readonly dataClass: DataClass;
  readonly jurisdictionCode: string;
  readonly keepDays: number;
  readonly basis: string;
};

type Basis = { readonly general: string; readonly sensitive: string };

const bases: Readonly<Record<string, Basis>> = {
  EU: {
    general: "GDPR Art. 5(1)(e): no longer than the purpose needs",
    sensitive: "GDPR Art. 9 with Art. 5(1)(e): special categories, no longer than the purpose needs",
  },
  US: {
    general:
      "CCPA, Cal. Civ. Code § 1798.100(a)(3): no longer than reasonably necessary for the disclosed purpose",
    sensitive:
      "CCPA, Cal. Civ. Code § 1798.121 with § 1798.100(a)(3): use of sensitive information limited to what is necessary",
  },
  BR: {
    general: "LGPD Art. 15 and 16: deleted when the purpose is reached or the data is no longer needed",
    sensitive: "LGPD Art. 11 with Art. 15 and 16: sensitive data, deleted when the purpose is reached",
  },
  AP: {
    general: "PDPA (Singapore) s. 25: not kept once the purpose is no longer served",
    sensitive:
      "PDPA (Singapore) s. 25 with s. 24: not kept once the purpose is no longer served, protected by its sensitivity",
  },
  GLOBAL: {
    general: "House rule: where no law is known, the shortest period of the other jurisdictions",
    sensitive: "House rule: where no law is known, the shortest period of the other jurisdictions",
  },
};

const days: Readonly<Record<DataClass, Readonly<Record<string, number>>>> = {
  PERSONAL: { EU: 365, US: 730, BR: 365, AP: 540, GLOBAL: 365 },
  SENSITIVE: { EU: 90, US: 180, BR: 90, AP: 180, GLOBAL: 90 },
  LOCATION: { EU: 90, US: 180, BR: 90, AP: 90, GLOBAL: 90 },
  SOURCE_IDENTITY: { EU: 180, US: 365, BR: 180, AP: 365, GLOBAL: 180 },
};

const dataClasses = ["PERSONAL", "SENSITIVE", "LOCATION", "SOURCE_IDENTITY"] as const;

export const retentionRules: readonly RetentionFacts[] = dataClasses.flatMap((dataClass) =>
  Object.entries(days[dataClass]).map(([jurisdictionCode, keepDays]) => {
    const basis = bases[jurisdictionCode];
    if (basis === undefined) throw new Error(`no basis is known for ${jurisdictionCode}`);
    return {
      dataClass,
      jurisdictionCode,
      keepDays,
      basis: dataClass === "SENSITIVE" ? basis.sensitive : basis.general,
    };
  }),
);
