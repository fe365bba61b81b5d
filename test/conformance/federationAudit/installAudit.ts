/** A checkout of the audit in which its command runs: cloned once, with the packages that the command needs. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where The Guild publishes it. */
export const auditRepository = "https://github.com/graphql-hive/federation-gateway-audit.git";

/** Its other development dependencies are gateways to audit and its website's tools; some do not install on Node 20. */
const neededForDevelopment = ["graphql", "tsx"];

/** `repository` is what `git clone` takes: an address or a path. `folder` is kept for the next run. */
export function installAudit(repository: string, folder: string): void {
  const stamp = join(folder, "node_modules/.atlas-installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === repository) return;
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`cloning ${repository}\n`);
  execFileSync("git", ["clone", "--quiet", "--depth", "1", toUrl(repository), folder], { stdio: "inherit" });
  trimManifest(join(folder, "package.json"));
  process.stdout.write("installing what it needs\n");
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], {
    cwd: folder,
    stdio: "inherit",
  });
  writeFileSync(stamp, repository);
}

/** Which of its commits it is, for the record. */
export function readCommit(folder: string): string {
  return execFileSync("git", ["log", "-1", "--format=%h of %cs"], { cwd: folder, encoding: "utf8" }).trim();
}

/** Git ignores the depth of a plain path. */
function toUrl(repository: string): string {
  return existsSync(repository) ? `file://${repository}` : repository;
}

function trimManifest(file: string): void {
  const manifest: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));
  manifest.devDependencies = Object.fromEntries(
    Object.entries(manifest.devDependencies ?? {}).filter(([name]) => neededForDevelopment.includes(name)),
  );
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
