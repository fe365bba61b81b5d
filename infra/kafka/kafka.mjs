/**
 * Apache Kafka for tests, from Maven's jars: where it is, and how it gets there. Plain JavaScript, so that it runs
 * before anything is built. Running Atlas needs none of this.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pom = join(root, "infra/kafka/pom.xml");
const libs = join(root, ".atlas/kafka/libs");
const stamp = join(libs, ".pom.sha256");

/** Folder of the jars; null unless they are those that pom.xml names and there is a Java to run them. @returns {string | null} */
export function findKafka() {
  const isInstalled = existsSync(stamp) && readFileSync(stamp, "utf8") === digestOfPom();
  return isInstalled && hasJava() ? libs : null;
}

/** 45 jars, some 40 MB, once. Throws an Error that says what is missing. @returns {string} */
export function installKafka() {
  const known = findKafka();
  if (known !== null) return known;
  if (!hasJava()) throw new Error("Expected Java 17 or later on the PATH to run Kafka; there is none.");
  console.error("installing Kafka's jars into .atlas/kafka with Maven");
  const incoming = `${libs}.incoming`;
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  const { status, error } = spawnSync(
    "mvn",
    ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${incoming}`],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  if (error) throw new Error("Expected Maven (`mvn`) on the PATH to install Kafka; there is none.");
  if (status !== 0) throw new Error("Maven did not install Kafka's jars; see above.");
  writeFileSync(join(incoming, ".pom.sha256"), digestOfPom());
  // Whole or not at all: a broken download must not look like an installation.
  rmSync(libs, { recursive: true, force: true });
  renameSync(incoming, libs);
  return libs;
}

function digestOfPom() {
  return createHash("sha256").update(readFileSync(pom)).digest("hex");
}

function hasJava() {
  return spawnSync("java", ["-version"]).status === 0;
}
