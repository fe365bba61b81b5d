/** What a signature promises, and that OPA itself means the same by it. */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CompactSign } from "jose";
import { describeWhere } from "../../test/support/describeWhere.ts";
import { parsePublicKey } from "./bundleSignature.ts";
import { loadPolicyBundle } from "./loadPolicyBundle.ts";
import { readBundle } from "./readBundle.ts";
import { signBundle } from "./signBundle.ts";
import { packBundle, unpackBundle } from "./unpackBundle.ts";

const revision = "2026-03-03T12:00:00Z-tried";
const built = readFileSync(new URL("../bundle/atlas.tar.gz", import.meta.url));
const [ours, others] = [generateKeyPairSync("ec", { namedCurve: "P-256" }), makeKeys()];

function makeKeys() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

const sign = (privateKey: KeyObject = ours.privateKey) => signBundle(built, { privateKey, revision });
const read = (packed: Uint8Array, keys: readonly KeyObject[] = [ours.publicKey]) =>
  readBundle(packed, { kind: "signed", keys });

/** A signed bundle after somebody was at it. */
async function tamper(change: (files: Map<string, Buffer>) => void): Promise<Buffer> {
  const files = new Map(await unpackBundle(await sign()));
  change(files);
  return packBundle(files);
}

describe("a signed bundle", () => {
  test("is read with the key that signed it, while keys are changed too", async () => {
    const signed = await sign();
    expect(await read(signed)).toMatchObject({ revision });
    expect(await read(signed, [others.publicKey, ours.publicKey])).toMatchObject({ revision });
  });

  test("holds the policy that was built, file by file", async () => {
    const [before, after] = [await unpackBundle(built), await unpackBundle(await sign())];
    expect([...after.keys()].sort()).toEqual([...before.keys(), ".signatures.json"].sort());
    for (const name of ["policy.wasm", "data.json"]) expect(after.get(name)).toEqual(before.get(name));
  });

  test.each<[string, () => Promise<Uint8Array>, string]>([
    ["that nobody signed", async () => built, "without .signatures.json"],
    ["that somebody else signed", () => sign(others.privateKey), "signature by one of 1 known keys"],
    [
      "whose policy was changed",
      () => tamper((files) => files.get("policy.wasm")?.writeUInt8(1, 5_000)),
      "policy.wasm is not what was signed",
    ],
    [
      "whose data was changed",
      () => tamper((files) => files.set("data.json", Buffer.from("{}"))),
      "data.json is not what was signed",
    ],
    [
      "whose revision was changed",
      () =>
        tamper((files) =>
          files.set(".manifest", Buffer.from(String(files.get(".manifest")).replace("2026", "2036"))),
        ),
      ".manifest is not what was signed",
    ],
    [
      "with a file more",
      () => tamper((files) => files.set("extra/data.json", Buffer.from("{}"))),
      "extra/data.json is in the bundle and not in its signature",
    ],
    ["with a file less", () => tamper((files) => files.delete("data.json")), "data.json was signed"],
    [
      "with two signatures",
      () => tamper((files) => files.set(".signatures.json", Buffer.from('{"signatures": ["a", "b"]}'))),
      "expected one signature",
    ],
    [
      "whose signature has alg none",
      () => tamper((files) => files.set(".signatures.json", unsecured(files))),
      "expected an ES256 signature",
    ],
    [
      "signed with the public key as a secret",
      async () => {
        const files = new Map(await unpackBundle(await sign()));
        const secret = ours.publicKey.export({ format: "der", type: "spki" });
        const jwt = await new CompactSign(payloadOf(files)).setProtectedHeader({ alg: "HS256" }).sign(secret);
        files.set(".signatures.json", Buffer.from(JSON.stringify({ signatures: [jwt] })));
        return packBundle(files);
      },
      "expected an ES256 signature",
    ],
  ])("is refused when it is one %s", async (_, make, message) => {
    await expect(make().then((packed) => read(packed))).rejects.toMatchObject({
      name: "PolicyError",
      code: "BUNDLE_UNTRUSTED",
      message: expect.stringContaining(message),
    });
  });

  test("is refused with a path twice, since the signature could mean either", async () => {
    const files = await unpackBundle(await sign());
    // Two names for one path.
    const twice = new Map([...files, ["./data.json", Buffer.from("{}")]]);
    await expect(read(await packBundle(twice))).rejects.toMatchObject({ code: "BUNDLE_INVALID" });
  });

  test.each(["", "1", "v2", "2026-03-03", "2026-13-03T12:00:00Z"])(
    "is not made with the revision %p",
    async (name) => {
      await expect(signBundle(built, { privateKey: ours.privateKey, revision: name })).rejects.toMatchObject({
        code: "BUNDLE_INVALID",
      });
    },
  );

  test("is trusted by keys on P-256 alone", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const toText = (key: KeyObject) => key.export({ format: "der", type: "spki" }).toString("base64url");
    expect(parsePublicKey(toText(ours.publicKey)).equals(ours.publicKey)).toBe(true);
    expect(() => parsePublicKey(toText(rsa.publicKey))).toThrow("expected an EC public key on P-256");
  });
});

function payloadOf(files: ReadonlyMap<string, Buffer>): Buffer {
  const [jwt = ""] = JSON.parse(String(files.get(".signatures.json"))).signatures as string[];
  return Buffer.from(jwt.split(".")[1] ?? "", "base64url");
}

function unsecured(files: ReadonlyMap<string, Buffer>): Buffer {
  const header = Buffer.from('{"alg":"none"}').toString("base64url");
  const jwt = `${header}.${payloadOf(files).toString("base64url")}.`;
  return Buffer.from(JSON.stringify({ signatures: [jwt] }));
}

describeWhere("opa", "OPA and the runtime", (opa) => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "atlas-signing-"));
    mkdirSync(at("sources"));
    writeFileSync(at("private.pem"), ours.privateKey.export({ format: "pem", type: "pkcs8" }));
    writeFileSync(at("public.pem"), ours.publicKey.export({ format: "pem", type: "spki" }));
    writeFileSync(at("others.pem"), others.publicKey.export({ format: "pem", type: "spki" }));
    // Text that JSON may spell in several ways, and numbers.
    writeFileSync(
      at("sources/data.json"),
      '{"b": ["<&>é\\u2028\\"\\u0001", 1.50, -0.25, 1e3, 12345678901234567890], "a": {"é": 1, "z": null}}',
    );
    writeFileSync(
      at("sources/rule.rego"),
      "package atlas.access.fields\n\n# METADATA\n# entrypoint: true\ndecisions := []\n",
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("OPA takes what was signed here, and refuses it with another key", async () => {
    writeFileSync(at("ours.tar.gz"), await sign());
    const verify = (key: string) =>
      execFileSync(
        opa,
        [
          "build",
          "-b",
          at("ours.tar.gz"),
          "--verification-key",
          at(key),
          "--signing-alg",
          "ES256",
          "-o",
          at("again.tar.gz"),
        ],
        { stdio: "pipe" },
      );
    expect(() => verify("public.pem")).not.toThrow();
    expect(() => verify("others.pem")).toThrow(/verif|signature/i);
  });

  test("what OPA signed is taken here", async () => {
    const args = ["--revision", revision, "--signing-key", at("private.pem"), "--signing-alg", "ES256"];
    execFileSync(opa, ["build", "-t", "wasm", ...args, "-o", at("theirs.tar.gz"), "-b", at("sources")]);
    expect(await read(readFileSync(at("theirs.tar.gz")))).toMatchObject({ revision });
    await expect(
      loadPolicyBundle(at("theirs.tar.gz"), { trust: { kind: "signed", keys: [others.publicKey] } }),
    ).rejects.toMatchObject({ code: "BUNDLE_UNTRUSTED" });
  });
});
