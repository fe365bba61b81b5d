/** Ends a run with one line, `N passed, N failed`, counted from the results of every suite. */
export default class CountReporter {
  #failed = false;

  /** @param {unknown} _contexts @param {import("@jest/test-result").AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + brokenSuites(results);
    // A run that tested nothing proves nothing.
    this.#failed = failed > 0 || results.numPassedTests === 0;
    if (results.numPendingTests > 0)
      process.stderr.write(`\n${results.numPendingTests} skipped:\n${skippedTitles(results)}`);
    process.stderr.write("\n");
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
  }

  getLastError() {
    return this.#failed ? new Error("Tests failed, or none ran.") : undefined;
  }
}

/** A suite that could not even start (a syntax error, say) has no failed tests, and is a failure all the same. */
function brokenSuites({ testResults }) {
  return testResults.filter(({ testExecError, testResults: tests }) => testExecError && !tests.some(isFailed))
    .length;
}

function isFailed({ status }) {
  return status === "failed";
}

function skippedTitles({ testResults }) {
  return testResults
    .flatMap((suite) => suite.testResults)
    .filter(({ status }) => status === "pending")
    .map(({ fullName }) => `  ${fullName}\n`)
    .join("");
}
