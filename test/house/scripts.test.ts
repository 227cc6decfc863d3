import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { electronBinary } from '../../scripts/house/electronBinary.mjs';
import { matchesLock } from '../../scripts/house/nodePackages.mjs';
import { runCommand } from '../../scripts/house/runCommand.mjs';
import { runStages, stageLines } from '../../scripts/house/runStages.mjs';
import { BUILD_PACKAGES, commandToType } from '../../scripts/house/systemPackages.mjs';
import {
  closingLine,
  sum,
  tally,
  tallyDoctest,
  tallyPlaywright,
  tallyVitest,
} from '../../scripts/house/tally.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'polarimeter-scripts-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(scratch, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const counts = ({
  passed,
  failed,
  skipped,
}: {
  passed: number;
  failed: number;
  skipped: number;
}): number[] => [passed, failed, skipped];

describe('counting', () => {
  const test = (status: string, fullName = status) => ({ status, fullName });

  it('reads vitest, and a file that did not load is a failure', () => {
    const report = file('vitest.json', {
      testResults: [
        { status: 'failed', assertionResults: [test('passed'), test('failed'), test('skipped', 'no GPU')] },
        { status: 'failed', assertionResults: [] },
        { status: 'passed', assertionResults: [test('passed'), test('todo', 'later')] },
      ],
    });
    const result = tallyVitest(report, 1);
    expect(counts(result)).toEqual([2, 2, 2]);
    expect(result.skips).toEqual(['no GPU', 'later']);
  });

  it('counts a failure when every test passed and the runner failed all the same', () => {
    const report = file('vitest-late.json', {
      testResults: [{ status: 'passed', assertionResults: [test('passed')] }],
    });
    expect(counts(tallyVitest(report, 1))).toEqual([1, 1, 0]);
    expect(counts(tallyVitest(report, 0))).toEqual([1, 0, 0]);
  });

  it('counts a failure when there is no report, or half of one', () => {
    expect(counts(tallyVitest(join(scratch, 'absent.json'), 0))).toEqual([0, 1, 0]);
    expect(counts(tallyPlaywright(file('half.json', '{"stats":'), 1))).toEqual([0, 1, 0]);
    expect(counts(tallyDoctest('', 139))).toEqual([0, 1, 0]);
  });

  it('reads Playwright, and a test that passed at its second try has passed', () => {
    const spec = (title: string, status: string) => ({ title, tests: [{ status }] });
    const report = {
      stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 1 },
      errors: [],
      suites: [{ specs: [spec('a', 'expected')], suites: [{ specs: [spec('no display', 'skipped')] }] }],
    };
    const result = tallyPlaywright(file('playwright.json', report), 0);
    expect(counts(result)).toEqual([4, 0, 1]);
    expect(result.skips).toEqual(['no display']);
  });

  it('counts errors of Playwright outside tests', () => {
    const report = { stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0 }, errors: [{}], suites: [] };
    expect(counts(tallyPlaywright(file('errors.json', report), 1))).toEqual([0, 1, 0]);
  });

  it('reads doctest as it prints', () => {
    const output =
      '[doctest] test cases:  12 |  10 passed | 2 failed | 3 skipped\n[doctest] assertions: 9 | 9 passed |';
    expect(counts(tallyDoctest(output, 1))).toEqual([10, 2, 3]);
    expect(counts(tallyDoctest(output.replace('2 failed', '0 failed'), 1))).toEqual([10, 1, 3]);
  });

  it('ends in the line that CI reads', () => {
    expect(closingLine(sum([tally(3, 0), tally(4, 1, 2)]))).toBe('7 passed, 1 failed, 2 skipped');
  });
});

describe('stages', () => {
  const stage = (
    name: string,
    run: () => Promise<{ tally: ReturnType<typeof tally>; output: string }>,
    group = 'g',
  ) => ({
    name,
    group,
    run,
  });
  const passes = () => Promise.resolve({ tally: tally(1, 0), output: '' });

  it('run to the end when one throws, and the throw is a failure that is shown', async () => {
    const lines: string[] = [];
    const outcomes = await runStages(
      [
        stage('breaks', () => Promise.reject(new Error('out of disk'))),
        stage('passes', passes),
        stage('last', passes, 'h'),
      ],
      (outcome) => lines.push(...stageLines(outcome)),
    );
    expect(counts(sum(outcomes.map((outcome) => outcome.tally)))).toEqual([2, 1, 0]);
    expect(lines.join('\n')).toMatch(/out of disk[\s\S]*FAILED breaks/);
    expect(lines.at(-1)).toMatch(/^ok {5}last/);
  });

  it('run two of a group at a time, and groups one after the other', async () => {
    let running = 0;
    let most = 0;
    const events: string[] = [];
    const slow = (name: string, group: string) =>
      stage(
        name,
        async () => {
          running += 1;
          most = Math.max(most, running);
          events.push(group);
          await new Promise((resolve) => setTimeout(resolve, 10));
          running -= 1;
          return { tally: tally(1, 0), output: '' };
        },
        group,
      );
    await runStages([slow('a', 'g'), slow('b', 'g'), slow('c', 'g'), slow('d', 'h')], () => undefined);
    expect(most).toBe(2);
    expect(events).toEqual(['g', 'g', 'g', 'h']);
  });
});

describe('packages of the lock file', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/other-system': { version: '1.0.0', optional: true, os: ['aix'] },
      'node_modules/this-system': {
        version: '1.0.0',
        optional: true,
        os: [process.platform],
        cpu: [process.arch],
      },
      'node_modules/leftover': { version: '1.0.0', extraneous: true },
    },
  };
  const installed = {
    packages: {
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/this-system': { version: '1.0.0' },
    },
  };
  const without = (name: string) => ({
    packages: Object.fromEntries(Object.entries(installed.packages).filter(([path]) => path !== name)),
  });

  it('are there', () => expect(matchesLock(lock, installed)).toBe(true));
  it('are not there when one is missing, also one for this system only', () => {
    expect(matchesLock(lock, without('node_modules/a'))).toBe(false);
    expect(matchesLock(lock, without('node_modules/this-system'))).toBe(false);
  });
  it('are not there when another version or other bytes are', () => {
    for (const other of [
      { version: '1.0.1', integrity: 'sha512-a' },
      { version: '1.0.0', integrity: 'sha512-b' },
    ]) {
      expect(matchesLock(lock, { packages: { ...installed.packages, 'node_modules/a': other } })).toBe(false);
    }
  });
});

describe('system packages', () => {
  it('are named with the command to type', () => {
    const missing = BUILD_PACKAGES.filter((one) => ['cmake', 'g++'].includes(one.debian));
    expect(commandToType(missing, 'linux')).toBe(
      'Type: sudo apt-get install -y --no-install-recommends cmake g++',
    );
    expect(commandToType(missing, 'darwin')).toBe('Type: xcode-select --install\nType: brew install cmake');
    expect(commandToType(missing, 'win32')).toContain('WSL');
  });
});

describe('the Electron binary', () => {
  const installed = join(scratch, 'dist');
  mkdirSync(installed);
  writeFileSync(join(installed, 'electron'), '');
  const machine = { env: { DISPLAY: ':0' }, platform: 'linux', isRoot: false, installed };

  it('is found where it was installed or where the environment says', () => {
    expect(electronBinary(machine)).toEqual({ path: join(installed, 'electron'), reason: null });
    const env = { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: installed };
    expect(electronBinary({ ...machine, env, installed: '/nowhere' }).path).toBe(join(installed, 'electron'));
  });

  it.each([
    ['no Electron binary', { installed: '/nowhere' }],
    ['no display', { env: {} }],
    ['root', { isRoot: true }],
  ])('is not used, and the reason says so: %s', (reason, change) => {
    const found = electronBinary({ ...machine, ...change });
    expect(found.path).toBeNull();
    expect(found.reason).toContain(reason);
  });
});

describe('runCommand', () => {
  it('collects output and exit code, and a missing command is 127', async () => {
    const script = 'process.stdout.write("out"); process.stderr.write("err"); process.exit(3)';
    const { code, output } = await runCommand(process.execPath, ['-e', script]);
    expect(code).toBe(3);
    expect(['outerr', 'errout']).toContain(output);
    expect((await runCommand('/nonexistent/program', [])).code).toBe(127);
  });

  it('reports a command that a signal ended as a failure', async () => {
    const { code, output } = await runCommand(process.execPath, [
      '-e',
      'process.kill(process.pid, "SIGKILL")',
    ]);
    expect([code, output]).toEqual([1, '\nended by SIGKILL\n']);
  });
});
