// How threads and processes may end around the addon: while it is idle, while jobs run, and while a cancelled job still finishes a
// step. Each scenario is a process of its own, because what must not happen is a crash. Deadlines are generous: a LAPACK call that has
// begun must end before its libraries are torn down, and machines that run tests are slow.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder, writeRandom } from './tensorFile.ts';

const folder = temporaryFolder();
const SIDE = 700;
const { path } = writeRandom(join(folder.path, 'long'), 'F32', [SIDE, SIDE], 1);
const SCRIPT = fileURLToPath(new URL('lifetimeScenario.ts', import.meta.url));
const DEADLINE_MILLIS = 60_000;

vi.setConfig({ testTimeout: DEADLINE_MILLIS + 5_000 });
afterAll(() => {
  folder[Symbol.dispose]();
});

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

function run(scenario: string): Promise<Exit> {
  const child = spawn(process.execPath, [SCRIPT, scenario, path, String(SIDE)], { timeout: DEADLINE_MILLIS });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (errors += String(data)));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, output: output.trim(), errors });
    });
  });
}

describe('a process', () => {
  it('ends by itself when no job is pending', async () => {
    expect(await run('idle')).toEqual({ code: 0, signal: null, output: 'ended', errors: '' });
  });

  it('stays until a pending job has ended', async () => {
    expect(await run('pending')).toEqual({ code: 0, signal: null, output: 'ended', errors: '' });
  });

  it('ends while a cancelled job still finishes a step', async () => {
    expect(await run('cancelled')).toEqual({ code: 0, signal: null, output: 'cancelled', errors: '' });
  });

  it('leaves with its own code while a job runs', async () => {
    expect(await run('exit')).toEqual({ code: 7, signal: null, output: 'leaving', errors: '' });
  });

  it('dies of its own exception while a job runs', async () => {
    const { code, signal, errors } = await run('throw');
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(errors).toContain('nobody catches this');
  });
});

describe('a worker_thread', () => {
  it.each(['worker-exits', 'worker-terminated', 'worker-storm', 'worker-gone-main-lives'])(
    '%s while its jobs run',
    async (scenario) => {
      expect(await run(scenario)).toEqual({ code: 0, signal: null, output: 'ended', errors: '' });
    },
  );
});
