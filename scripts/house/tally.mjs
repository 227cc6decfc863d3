import { existsSync, readFileSync } from 'node:fs';

/**
 * What a stage of the tests came to. A skipped test carries its name, and the reason where the runner gives one.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, skips: string[] }} Tally
 */

/**
 * @param {number} passed
 * @param {number} failed
 * @param {number} [skipped]
 * @param {string[]} [skips]
 * @returns {Tally}
 */
export const tally = (passed, failed, skipped = 0, skips = []) => ({ passed, failed, skipped, skips });

/**
 * A stage whose runner failed without a readable report is one failure, never zero.
 *
 * @param {Tally} result
 * @param {number} code
 * @returns {Tally}
 */
const orOneFailure = (result, code) =>
  code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;

function parsed(path) {
  try {
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  } catch {
    return null;
  }
}

/**
 * A static check counts as one test.
 *
 * @param {number} code
 */
export const tallyStatic = (code) => (code === 0 ? tally(1, 0) : tally(0, 1));

/**
 * Reads the report of `vitest --reporter=json`. A file that could not be loaded counts as one failed test.
 *
 * @param {string} path
 * @param {number} code
 */
export function tallyVitest(path, code) {
  const report = parsed(path);
  if (report === null) return tally(0, 1);
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const skips = tests.filter(
    (test) => test.status === 'skipped' || test.status === 'pending' || test.status === 'todo',
  );
  const broken = report.testResults.filter((file) => file.status === 'failed' && !hasFailure(file)).length;
  const failed = tests.filter((test) => test.status === 'failed').length + broken;
  const passed = tests.filter((test) => test.status === 'passed').length;
  return orOneFailure(
    tally(
      passed,
      failed,
      skips.length,
      skips.map((test) => test.fullName),
    ),
    code,
  );
}

const hasFailure = (file) => file.assertionResults.some((test) => test.status === 'failed');

/**
 * Reads the report of `playwright test --reporter=json`. A test that passed when repeated has passed: a browser on a busy machine
 * may miss a deadline once. Repeats happen in CI only; at a desk the first failure counts.
 *
 * @param {string} path
 * @param {number} code
 */
export function tallyPlaywright(path, code) {
  const report = parsed(path);
  if (report === null) return tally(0, 1);
  const { expected, unexpected, flaky, skipped } = report.stats;
  const skips = report.suites
    .flatMap(specsOf)
    .filter((spec) => spec.tests.every((test) => test.status === 'skipped'));
  const failed = unexpected + (unexpected === 0 ? report.errors.length : 0);
  return orOneFailure(
    tally(
      expected + flaky,
      failed,
      skipped,
      skips.map((spec) => spec.title),
    ),
    code,
  );
}

const specsOf = (suite) => [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];

/**
 * Reads the closing lines of a doctest program. A program that died before them is one failure.
 *
 * @param {string} output
 * @param {number} code
 */
export function tallyDoctest(output, code) {
  const line = /test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(\d+) skipped/.exec(
    output,
  );
  if (line === null) return tally(0, 1);
  const [passed, failed, skipped] = line.slice(2).map(Number);
  return orOneFailure(tally(passed, failed, skipped), code);
}

/**
 * @param {readonly Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
  const add = (key) => tallies.reduce((total, one) => total + one[key], 0);
  return tally(
    add('passed'),
    add('failed'),
    add('skipped'),
    tallies.flatMap((one) => one.skips),
  );
}

/**
 * The closing line of `npm test`.
 *
 * @param {Pick<Tally, 'passed' | 'failed' | 'skipped'>} total
 */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
