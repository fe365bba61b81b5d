/** The controls that Atlas answers for: what each law or standard asks, in our words. A table, and whole for that reason. */

export type ControlFacts = {
  /** Framework and number, such as `GDPR-17`. */
  readonly code: string;
  readonly framework: "GDPR" | "LGPD" | "SOC 2";
  readonly reference: string;
  readonly title: string;
  readonly description: string;
};

export const controls: readonly ControlFacts[] = [
  {
    code: "GDPR-5",
    framework: "GDPR",
    reference: "Art. 5",
    title: "Principles of processing",
    description:
      "Personal data is processed lawfully, fairly and openly, for stated purposes, no more and no longer than they need, kept right and kept safe; the controller can show that it is.",
  },
  {
    code: "GDPR-6",
    framework: "GDPR",
    reference: "Art. 6",
    title: "Lawful basis",
    description:
      "Every processing rests on one of six grounds: consent, contract, legal duty, vital interest, public task, or a legitimate interest that outweighs the person's.",
  },
  {
    code: "GDPR-15",
    framework: "GDPR",
    reference: "Art. 15",
    title: "Access",
    description:
      "A person who asks learns whether data about them is processed, gets a copy of it, and is told why, how long, who receives it and where it came from.",
  },
  {
    code: "GDPR-17",
    framework: "GDPR",
    reference: "Art. 17",
    title: "Erasure",
    description:
      "A person's data is erased without undue delay when it is no longer needed, when consent is withdrawn or when its processing was unlawful, unless the law asks to keep it.",
  },
  {
    code: "GDPR-20",
    framework: "GDPR",
    reference: "Art. 20",
    title: "Portability",
    description:
      "Data that a person gave under consent or contract is handed out in a common, machine-readable form, and to another controller on request.",
  },
  {
    code: "GDPR-25",
    framework: "GDPR",
    reference: "Art. 25",
    title: "Protection by design and by default",
    description:
      "Systems are built so that the principles hold by themselves, and so that without anybody's action only the data that a purpose needs is processed.",
  },
  {
    code: "GDPR-30",
    framework: "GDPR",
    reference: "Art. 30",
    title: "Records of processing",
    description:
      "Controllers and processors keep a record of what they process, why, whose data it is, who receives it, where it goes and how long it stays.",
  },
  {
    code: "GDPR-32",
    framework: "GDPR",
    reference: "Art. 32",
    title: "Security of processing",
    description:
      "Measures fit the risk: pseudonyms and encryption, confidentiality, integrity, availability, recovery after an incident, and regular tests that all of it works.",
  },
  {
    code: "GDPR-33",
    framework: "GDPR",
    reference: "Art. 33",
    title: "Notification of breaches",
    description:
      "A breach that puts people at risk is reported to the authority within 72 hours of becoming known; every breach is on record.",
  },
  {
    code: "GDPR-44",
    framework: "GDPR",
    reference: "Art. 44",
    title: "Transfers: the principle",
    description:
      "Personal data leaves for a third country only where the conditions of Chapter V hold, for onward transfers too.",
  },
  {
    code: "GDPR-45",
    framework: "GDPR",
    reference: "Art. 45",
    title: "Transfers: adequacy",
    description:
      "Data may go where the Commission has found the level of protection adequate, as long as that finding stands.",
  },
  {
    code: "GDPR-46",
    framework: "GDPR",
    reference: "Art. 46",
    title: "Transfers: safeguards",
    description:
      "Elsewhere data may go under safeguards that people can enforce, such as the Commission's standard contractual clauses.",
  },
  {
    code: "GDPR-47",
    framework: "GDPR",
    reference: "Art. 47",
    title: "Transfers: binding corporate rules",
    description:
      "Inside a group of undertakings data may go under rules that bind all of it and that an authority approved.",
  },
  {
    code: "GDPR-48",
    framework: "GDPR",
    reference: "Art. 48",
    title: "Transfers: foreign orders",
    description:
      "An order of a third country's court or authority is no ground for a transfer unless an international agreement makes it one.",
  },
  {
    code: "GDPR-49",
    framework: "GDPR",
    reference: "Art. 49",
    title: "Transfers: exceptions",
    description:
      "Without adequacy or safeguards data goes only in narrow cases, such as the explicit consent of a person who was told the risks.",
  },
  {
    code: "LGPD-16",
    framework: "LGPD",
    reference: "Art. 16",
    title: "Deletion at the end of processing",
    description:
      "Personal data is deleted once its processing has ended; it stays only for legal duties, research with anonymised data where possible, a lawful transfer, or the controller's own anonymised use.",
  },
  {
    code: "LGPD-18",
    framework: "LGPD",
    reference: "Art. 18",
    title: "Rights of the person",
    description:
      "A person can at any time have processing confirmed, see, correct, anonymise, block or delete data, move it, learn who received it, and withdraw consent.",
  },
  {
    code: "LGPD-33",
    framework: "LGPD",
    reference: "Art. 33",
    title: "International transfer",
    description:
      "Data leaves Brazil only for countries with adequate protection, under guarantees of the controller such as standard clauses, with specific consent, or in the law's other listed cases.",
  },
  {
    code: "LGPD-46",
    framework: "LGPD",
    reference: "Art. 46",
    title: "Security",
    description:
      "Technical and administrative measures protect data from unauthorised access and from accidental or unlawful loss, from the design of a service on.",
  },
  {
    code: "SOC2-CC6.1",
    framework: "SOC 2",
    reference: "CC6.1",
    title: "Logical access",
    description:
      "Software, infrastructure and architecture for logical access keep protected information assets from those who have no right to them.",
  },
  {
    code: "SOC2-CC7.2",
    framework: "SOC 2",
    reference: "CC7.2",
    title: "Monitoring for anomalies",
    description:
      "Components are watched for signs of attacks, disasters and errors, and what is found is judged to tell whether it is a security event.",
  },
];
