import { expect, test } from "@jest/globals";
import { compareEnvExample } from "./compareEnvExample.ts";

test(".env.example has exactly the variables that processes read", async () => {
  expect(await compareEnvExample()).toEqual([]);
});
