/**
 * `npm run connector:register -- <preset> [--code …] [--source …] [--url …] [--every seconds] [--bytes-max …]`: has a source
 * fetched by itself from now on.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { openConnectorDb } from "../db/connectors.ts";
import { presets } from "./connectors/presets.ts";
import { findImporter } from "./connectors/runConnector.ts";
import { parseImportConfig } from "./importers/config.ts";
import { ImportError } from "./importers/importError.ts";
import { getImporter } from "./importers/importers.ts";

const options = z.object({
  code: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(64),
  source: z.string().max(64),
  url: z.url({ protocol: /^https?$/ }),
  every: z.coerce.number().int().min(60).max(31_536_000),
  "bytes-max": z.coerce.number().int().min(1_024).max(1_073_741_824).default(67_108_864),
});

process.exitCode = await register(process.argv.slice(2));

async function register(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.keys(options.shape).map((name) => [name, { type: "string" } as const]),
    ),
  });
  const [name = ""] = positionals;
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined)
    return refuse(`expected one of ${Object.keys(presets).join(", ")}; got "${name}"`);
  const parsed = options.safeParse({
    code: name,
    source: name === "feed" ? values.code : getImporter(preset.importer).source.code,
    url: preset.url ?? undefined,
    every: preset.everySeconds,
    ...values,
  });
  if (!parsed.success) {
    return refuse(
      parsed.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("\n"),
    );
  }
  const { code, source, url, every, "bytes-max": bytesMax } = parsed.data;
  const { kind, importer } = preset;
  const config = parseImportConfig(process.env);
  const db = openConnectorDb({
    url: config.databaseUrl,
    applicationName: "atlas-connector",
    connectionsMax: 1,
  });
  try {
    findImporter(importer, source, await db.findSource(source));
    await db.storeConnector({ code, sourceCode: source, kind, importer, url, everySeconds: every, bytesMax });
    process.stdout.write(`${code} is fetched every ${every} s from now on\n`);
    return 0;
  } catch (error) {
    if (error instanceof ImportError) return refuse(error.message);
    throw error;
  } finally {
    await db.close();
  }
}

function refuse(message: string): number {
  process.stderr.write(
    `${message}\nexpected: npm run connector:register -- <${Object.keys(presets).join("|")}> [--code …] [--source …] [--url …] [--every seconds] [--bytes-max …]\n`,
  );
  return 2;
}
