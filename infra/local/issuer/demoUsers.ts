/** Who can sign in locally, and what their tokens say. The names are those of `npm run -s token -- <name>`. */

/** What an access token says of its holder besides the scope. */
export type TokenClaims = {
  readonly tenant: string;
  readonly roles: readonly string[];
  /** Traffic Light Protocol. */
  readonly clearance: string;
  readonly purpose: string;
  readonly region: string;
};

export type DemoUser = {
  readonly description: string;
  readonly claims: TokenClaims;
  /** The most that a client can be granted in their name. */
  readonly scopes: readonly string[];
};

/** Every scope that the graph asks for. */
export const scopes = [
  "signals:read",
  "signals:write",
  "assessments:read",
  "assessments:write",
  "consents:write",
  "compliance:read",
  "compliance:write",
  "operations:read",
  "operations:write",
  "models:read",
  "models:write",
  "devices:read",
  "devices:write",
] as const;

const analysis = {
  tenant: "acme",
  roles: ["analyst"],
  clearance: "amber",
  purpose: "research",
  region: "us-east",
} as const;
const analysisScopes = [
  "signals:read",
  "signals:write",
  "assessments:read",
  "assessments:write",
  "models:read",
  "devices:read",
];

export const demoUsers: Readonly<Record<string, DemoUser>> = {
  analyst: {
    description: "Analyst in the United States",
    claims: analysis,
    scopes: analysisScopes,
  },
  "analyst-eu": {
    description: "Analyst in the European Union",
    claims: { ...analysis, region: "eu-west" },
    scopes: analysisScopes,
  },
  officer: {
    description: "Compliance officer",
    claims: { ...analysis, roles: ["compliance_officer"], clearance: "amber+strict", purpose: "compliance" },
    scopes: ["compliance:read", "compliance:write", "consents:write"],
  },
  admin: {
    description: "Administrator",
    claims: { ...analysis, roles: ["administrator"], clearance: "red", purpose: "operations" },
    scopes,
  },
  engineer: {
    description: "Platform engineer",
    claims: { ...analysis, roles: ["platform_engineer"], clearance: "green", purpose: "operations" },
    scopes: ["operations:read", "operations:write", "models:read", "models:write"],
  },
  phone: {
    description: "Analyst on a phone",
    claims: { ...analysis, roles: ["mobile_user"], clearance: "green" },
    scopes: ["signals:read", "assessments:read", "assessments:write", "devices:read", "devices:write"],
  },
};

/** The service client is not a person: it imports signals and reads how things run. */
export const serviceAccount: DemoUser = {
  description: "Importer",
  claims: { ...analysis, roles: ["platform_engineer"], purpose: "operations" },
  scopes: ["signals:read", "signals:write", "operations:read"],
};
