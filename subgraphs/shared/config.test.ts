import { expect, test } from "@jest/globals";
import { parseSubgraphConfig } from "./config.ts";

const key = Buffer.alloc(32, 7);
const right = {
  ATLAS_PORT: "4001",
  DATABASE_URL: "postgresql://atlas_regions:secret@127.0.0.1/atlas",
  ATLAS_CONTEXT_KEY: key.toString("base64url"),
};

test("what is not said has its default, and nothing can be changed later", () => {
  const config = parseSubgraphConfig(right);
  expect(config).toMatchObject({ host: "127.0.0.1", port: 4001, region: "us-east", logLevel: "info" });
  expect(Buffer.from(config.contextKey)).toEqual(key);
  expect(config.eventLogUrl).toBe(right.DATABASE_URL);
  expect(Object.isFrozen(config)).toBe(true);
});

test("all faults are told together, by name and without values", () => {
  const parse = () =>
    parseSubgraphConfig({
      ATLAS_PORT: "70000",
      DATABASE_URL: "mysql://root:hunter2@db",
      ATLAS_CONTEXT_KEY: "hunter2",
    });
  expect(parse).toThrow(/ATLAS_PORT.*DATABASE_URL.*ATLAS_CONTEXT_KEY/s);
  expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringContaining("hunter2") }));
});
