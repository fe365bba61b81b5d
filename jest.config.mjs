/** One runner for every tier; the suffix of a file tells the tier (docs/architecture.md, "Tests"). */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "es6" } },
    ],
  },
  testMatch: ["**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/.atlas"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/dist/", "<rootDir>/.atlas/"],
  globalSetup: "<rootDir>/test/support/run/globalSetup.mjs",
  globalTeardown: "<rootDir>/test/support/run/globalTeardown.mjs",
  reporters: ["default", "<rootDir>/test/support/run/countReporter.mjs"],
  // Suites that start processes wait for them; a unit test that needs this long is a fault in itself.
  testTimeout: 30_000,
};
