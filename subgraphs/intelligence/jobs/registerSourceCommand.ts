/** `npm run source:register -- <code> --name … …`: makes a source known, so that its records are taken. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { openImportDb } from "../db/imports.ts";
import { parseImportConfig } from "./importers/config.ts";

const text = z.string().trim().min(1).max(300);

const source = z.object({
  code: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(64),
  name: text,
  publisher: text,
  domain: z.enum(["GEOPOLITICAL", "ECONOMIC", "CYBER", "INFRASTRUCTURE", "SOCIAL"]),
  licence: text,
  reliability: z.enum(["A", "B", "C", "D", "E", "F"]),
  url: z.url({ protocol: /^https?$/ }),
});

const options = Object.fromEntries(
  Object.keys(source.shape)
    .filter((name) => name !== "code")
    .map((name) => [name, { type: "string" } as const]),
);

process.exitCode = await register(process.argv.slice(2));

async function register(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options });
  const parsed = source.safeParse({ ...values, code: positionals[0] });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
    process.stderr.write(
      `expected: npm run source:register -- <code> --name … --publisher … --domain … --licence … --reliability A–F --url …\n${faults.join("\n")}\n`,
    );
    return 2;
  }
  const config = parseImportConfig(process.env);
  const db = openImportDb({ url: config.databaseUrl, applicationName: "atlas-source", connectionsMax: 1 });
  try {
    await db.storeSource(parsed.data);
    process.stdout.write(`${parsed.data.code} is known from now on\n`);
    return 0;
  } finally {
    await db.close();
  }
}
