/** Ends a run with one line, `N passed, N failed`, counted from the results of every suite. */
export default class CountReporter {
  #isFailed = false;

  /** @param {unknown} _contexts @param {import("@jest/test-result").AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + countBrokenSuites(results);
    const skipped = titlesOfSkipped(results);
    // A run that tested nothing proves nothing.
    this.#isFailed = failed > 0 || results.numPassedTests === 0;
    // Jest's own summary comes after all reporters, and this is to be the last line.
    process.on("exit", () => {
      if (skipped.length > 0)
        console.error(`\nSkipped, what they need is not on this machine:\n${skipped.join("\n")}`);
      console.log(`${results.numPassedTests} passed, ${failed} failed`);
    });
  }

  getLastError() {
    return this.#isFailed ? new Error("Tests failed, or none ran.") : undefined;
  }
}

/** A suite that could not even start (a syntax error, say) has no failed tests, and is a failure all the same. */
function countBrokenSuites({ testResults }) {
  const hasNoFailedTest = ({ testResults: tests }) => !tests.some(({ status }) => status === "failed");
  return testResults.filter((suite) => suite.testExecError && hasNoFailedTest(suite)).length;
}

function titlesOfSkipped({ testResults }) {
  const tests = testResults.flatMap((suite) => suite.testResults);
  return tests.filter(({ status }) => status === "pending").map(({ fullName }) => `  ${fullName}`);
}
