/** `DATABASE_URL_<SUBGRAPH>`: how seeding and migrating reach, or set up, the roles of all five subgraphs at once. */
import { z } from "zod";
import type { Passwords } from "./prepareDatabase.ts";
import { type SubgraphName, subgraphNames } from "./subgraphNames.ts";

export type RoleUrls = Readonly<Record<SubgraphName, string>>;

const url = z.url({ protocol: /^postgres(ql)?$/ });
const roleUrls = z
  .object({
    DATABASE_URL_REGIONS: url,
    DATABASE_URL_INTELLIGENCE: url,
    DATABASE_URL_ML: url,
    DATABASE_URL_COMPLIANCE: url,
    DATABASE_URL_MOBILE: url,
  })
  .transform((env) => ({
    regions: env.DATABASE_URL_REGIONS,
    intelligence: env.DATABASE_URL_INTELLIGENCE,
    ml: env.DATABASE_URL_ML,
    compliance: env.DATABASE_URL_COMPLIANCE,
    mobile: env.DATABASE_URL_MOBILE,
  }));

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws when one is missing or no PostgreSQL URL. */
export function parseRoleUrls(env: Environment): RoleUrls {
  return roleUrls.parse(env);
}

/** The passwords in the URLs; undefined when none of the variables is there. */
export function findRolePasswords(env: Environment): Passwords | undefined {
  if (!subgraphNames.some((name) => env[variableOf(name)] !== undefined)) return undefined;
  const urls = parseRoleUrls(env);
  const passwordOf = (name: SubgraphName): string => decodeURIComponent(new URL(urls[name]).password);
  return {
    regions: passwordOf("regions"),
    intelligence: passwordOf("intelligence"),
    ml: passwordOf("ml"),
    compliance: passwordOf("compliance"),
    mobile: passwordOf("mobile"),
  };
}

export function variableOf(name: SubgraphName): string {
  return `DATABASE_URL_${name.toUpperCase()}`;
}
