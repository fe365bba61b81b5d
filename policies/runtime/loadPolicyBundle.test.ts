import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { create } from "tar";
import { loadPolicyBundle } from "./loadPolicyBundle.ts";

const bundle = new URL("../bundle/atlas.tar.gz", import.meta.url);
const trust = { kind: "unsigned" } as const;
const toRequest = (coordinate: string) => ({
  coordinate,
  authenticated: false,
  scopes: null,
  policies: null,
});
const fixture = (name: string) => new URL(`./fixtures/${name}.tar.gz`, import.meta.url);

describe("loadPolicyBundle", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atlas-bundle-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const write = async (bytes: Uint8Array) => {
    const path = join(folder, "bundle.tar.gz");
    await writeFile(path, bytes);
    return path;
  };

  test("loads the bundle of the repository, which then decides in the order of the requests", async () => {
    const policies = await loadPolicyBundle(bundle, { trust });
    expect(policies.digest).toMatch(/^[0-9a-f]{64}$/);
    const { decisions } = await policies.decideFields({
      facts: { caller: { kind: "anonymous" }, environment: { profile: "production" } },
      requests: ["Query.country", "Query.signals", "Query.__schema"].map(toRequest),
    });
    expect(decisions.map(({ outcome, reason, rule }) => [outcome, reason, rule])).toEqual([
      ["allow", "ALLOWED", ""],
      ["deny", "NOT_GRANTED_TO_ANONYMOUS", "access.anonymous"],
      ["deny", "NOT_GRANTED_TO_ANONYMOUS", "access.anonymous"],
    ]);
  });

  test("grants by the profile that it is asked for", async () => {
    const policies = await loadPolicyBundle(bundle, { trust });
    const { decisions } = await policies.decideFields({
      facts: { caller: { kind: "anonymous" }, environment: { profile: "local" } },
      requests: [toRequest("Query.__schema")],
    });
    expect(decisions[0]).toMatchObject({ outcome: "allow" });
  });

  test("tells what each rule reads, so that callers of equal facts can share decisions", async () => {
    const { catalogue } = await loadPolicyBundle(bundle, { trust });
    expect(catalogue.rules.find(({ name }) => name === "access.clearance")).toEqual({
      name: "access.clearance",
      question: "objects",
      mode: "enforce",
      reason: "CLEARANCE_TOO_LOW",
      reads: ["caller.clearance"],
      arguments: {},
      objects: { Signal: { marking: "marking" }, RiskAssessment: { marking: "marking" } },
      ages: {},
    });
    expect(catalogue.rules.find(({ name }) => name === "retention.places")?.ages).toEqual({
      age: [180, 365, 730],
    });
    expect(catalogue.labels).toContain("analysis");
  });

  test("names the file that is not there", async () => {
    await expect(loadPolicyBundle(join(folder, "absent.tar.gz"), { trust })).rejects.toMatchObject({
      code: "BUNDLE_INVALID",
      message: expect.stringContaining("absent.tar.gz cannot be read"),
    });
  });

  test.each([100, 5_000, 40_000])("refuses a bundle that ends after %d bytes", async (length) => {
    const path = await write((await readFile(bundle)).subarray(0, length));
    await expect(loadPolicyBundle(path, { trust })).rejects.toMatchObject({ code: "BUNDLE_INVALID" });
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["text", Buffer.from("policies, honestly")],
    ["a gzipped text", gzipSync("policies, honestly")],
  ])("refuses %s", async (_, bytes) => {
    await expect(loadPolicyBundle(await write(bytes), { trust })).rejects.toMatchObject({
      code: "BUNDLE_INVALID",
    });
  });

  test("refuses a tar without a policy", async () => {
    await writeFile(join(folder, "data.json"), "{}");
    const path = join(folder, "no-policy.tar.gz");
    await create({ gzip: true, cwd: folder, file: path }, ["data.json"]);
    await expect(loadPolicyBundle(path, { trust })).rejects.toMatchObject({
      code: "BUNDLE_INVALID",
      message: "the bundle holds no policy.wasm: build it with -t wasm",
    });
  });

  test("refuses a bundle whose policy calls what this host lacks", async () => {
    await expect(loadPolicyBundle(fixture("native"), { trust })).rejects.toMatchObject({
      code: "BUILTIN_UNKNOWN",
    });
  });

  test("refuses a bundle that does not answer the question of fields", async () => {
    await expect(loadPolicyBundle(fixture("hostile"), { trust })).rejects.toMatchObject({
      code: "EVALUATION_FAILED",
    });
  });
});
