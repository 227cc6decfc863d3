import { cpus } from 'node:os';
import { mkdirSync, rmSync } from 'node:fs';
import { buildNative } from './nativeBuild.mjs';
import { node24Environment } from './node24.mjs';
import { inRoot } from './paths.mjs';
import { runCommand } from './runCommand.mjs';
import { runTool, STATIC_CHECKS } from './staticChecks.mjs';
import { tallyDoctest, tallyPlaywright, tallyVitest } from './tally.mjs';

/** An empty place for the report of a runner: an old report must not be read as a new one. */
function freshReport(name) {
  const path = inRoot('build', 'reports', name);
  mkdirSync(inRoot('build', 'reports'), { recursive: true });
  rmSync(path, { force: true });
  return path;
}

async function vitest() {
  const report = freshReport('vitest.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const workers = `--maxWorkers=${Math.max(2, cpus().length)}`;
  const { code, output } = await runTool('vitest/vitest.mjs', [...args, workers]);
  return { tally: tallyVitest(report, code), output };
}

async function playwright() {
  const report = freshReport('playwright.json');
  const { code, output } = await runTool('@playwright/test/cli.js', ['test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  });
  return { tally: tallyPlaywright(report, code), output };
}

/** Builds and runs the C++ tests in their own folder, with or without sanitizers. */
function doctest(folder, options) {
  return async () => {
    await buildNative(folder, ['-DPOLARIMETER_ADDON=OFF', '-DPOLARIMETER_TESTS=ON', ...options]);
    const env = node24Environment({
      UBSAN_OPTIONS: 'print_stacktrace=1',
      // A request that is too large must fail as it does without the sanitizer.
      ASAN_OPTIONS: 'allocator_may_return_null=1',
    });
    const { code, output } = await runCommand(inRoot(folder, 'polarimeter_tests'), ['--no-colors=true'], {
      env,
    });
    return { tally: tallyDoctest(output, code), output };
  };
}

const SANITIZE = [
  '-DPOLARIMETER_SANITIZE=address,undefined',
  '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
  // Enough for a readable stack; -O2 -g takes more than 1.6 times the processor time to build.
  '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1',
];

/** Everything that `npm test` runs, in order. Stages of one group run side by side, two at a time. */
export const TEST_STAGES = [
  ...STATIC_CHECKS.map((check) => ({ ...check, group: 'static' })),
  { name: 'native', group: 'native', run: doctest('build/native-test', ['-DCMAKE_BUILD_TYPE=Release']) },
  { name: 'native-sanitized', group: 'native-sanitized', run: doctest('build/native-asan', SANITIZE) },
  { name: 'vitest', group: 'vitest', run: vitest },
  { name: 'playwright', group: 'playwright', run: playwright },
];
