import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { meterModule } from "./meterModule.ts";
import { unpackBundle } from "./unpackBundle.ts";

const packed = readFileSync(new URL("../bundle/atlas.tar.gz", import.meta.url));

// Not among Node's types, which know no DOM.
const { validate } = Reflect.get(globalThis, "WebAssembly") as { validate: (wasm: Uint8Array) => boolean };

describe("meterModule", () => {
  test("makes a valid module of the policies that run", async () => {
    const wasm = (await unpackBundle(packed)).get("policy.wasm") ?? Buffer.alloc(0);
    const metered = meterModule(wasm);
    expect(validate(metered)).toBe(true);
    expect(metered.byteLength).toBeGreaterThan(wasm.byteLength);
  });

  test.each<[string, Uint8Array]>([
    ["nothing", Uint8Array.of()],
    ["text", Buffer.from("not a module at all")],
    ["another version", Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)],
    ["no sections", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
    ["a section that ends too early", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10, 100, 1)],
    ["a number without an end", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10, 255, 255, 255, 255, 255)],
  ])("refuses %s", (_, bytes) => {
    expect(() => meterModule(bytes)).toThrow("expected a WebAssembly module that OPA compiled");
  });

  test("refuses a module cut anywhere, or leaves it to the compiler, and never hangs", async () => {
    const wasm = (await unpackBundle(packed)).get("policy.wasm") ?? Buffer.alloc(0);
    for (let length = 8; length < wasm.byteLength; length += 4_999) {
      const cut = wasm.subarray(0, length);
      const isRefused = (() => {
        try {
          return !validate(meterModule(cut));
        } catch {
          return true;
        }
      })();
      expect(isRefused).toBe(true);
    }
  });
});
