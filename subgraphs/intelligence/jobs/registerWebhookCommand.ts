/**
 * `npm run webhook:register -- <code> --tenant … --source … [--rotate]`: lets a sender sign its requests, and prints the key
 * for it. `--rotate` makes a new key; the one before is taken for another day.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { openIngestDb } from "../db/ingest.ts";
import { parseIngestConfig } from "../ingest/config.ts";
import { deriveWebhookKey } from "../ingest/verifySignature.ts";
import { parseImportConfig } from "./importers/config.ts";

const webhook = z.object({
  code: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(64),
  tenant: z.string().min(1).max(64),
  source: z.string().min(1).max(64),
});

process.exitCode = await register(process.argv.slice(2));

async function register(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tenant: { type: "string" },
      source: { type: "string" },
      rotate: { type: "boolean", default: false },
    },
  });
  const parsed = webhook.safeParse({ ...values, code: positionals[0] });
  if (!parsed.success) {
    return refuse(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
  }
  const { databaseUrl, region } = parseImportConfig(process.env);
  const { webhookKey } = parseIngestConfig(process.env);
  if (webhookKey === null)
    return refuse("expected ATLAS_WEBHOOK_KEY, the one that the intelligence subgraph has");
  const { code, tenant, source } = parsed.data;
  const db = openIngestDb({ url: databaseUrl, regionCode: region });
  try {
    if (!(await db.findSourceCodes()).includes(source)) {
      return refuse(`expected a source that is registered (npm run source:register); got ${source}`);
    }
    const version = await db.storeWebhook({ code, tenant, sourceCode: source }, values.rotate);
    if (version === null) return refuse(`expected ${code} to stay with its tenant; it has another one`);
    const key = deriveWebhookKey(webhookKey, code, version).toString("hex");
    process.stdout.write(`POST /ingest/v1/webhooks/${code}\nkey ${version} (HMAC-SHA256, hex): ${key}\n`);
    return 0;
  } finally {
    await db.close();
  }
}

function refuse(message: string): number {
  process.stderr.write(
    `${message}\nexpected: npm run webhook:register -- <code> --tenant <tenant> --source <source code> [--rotate]\n`,
  );
  return 2;
}
