import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ServerDocument } from '../../src-main/cli/documents.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { tinyModel } from './tinyModels.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/polarimeter.mjs', import.meta.url));
const DEMO = fileURLToPath(new URL('../../resources/demo', import.meta.url));

const COMPARE = [
  'compare',
  join(DEMO, 'base'),
  '--sft',
  join(DEMO, 'sft', 'checkpoint-240'),
  '--threads',
  '1',
];

const folder = tempFolder();

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Started {
  readonly child: Child;
  /** Exit code, or the signal that ended it. */
  readonly end: Promise<{ code: number | NodeJS.Signals | null; stdout: string; stderr: string }>;
  /** Resolves when stderr holds the text. */
  said(text: string): Promise<void>;
}

/** The real launcher, with pipes for output. */
function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [LAUNCHER, ...argv], {
    cwd: folder,
    env: { ...process.env, POLARIMETER_STATE: join(folder, 'state'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const end = once(child, 'close').then(([code, signal]) => ({
    code: (code ?? signal) as number | NodeJS.Signals | null,
    stdout,
    stderr,
  }));
  const said = async (text: string): Promise<void> => {
    const ended = end.then(() => Promise.reject(new Error(`ended without saying "${text}": ${stderr}`)));
    while (!stderr.includes(text)) await Promise.race([once(child.stderr, 'data'), ended]);
    ended.catch(() => undefined);
  };
  return { child, end, said };
}

describe('the launcher', () => {
  it('returns exit codes, keeps data on stdout and messages on stderr, and sends no escape sequences to pipes', async () => {
    tinyModel(folder, 'a');
    tinyModel(folder, 'b', { change: 0.1 });
    const different = await start(['diff', 'a', 'b'], { FORCE_COLOR: '1' }).end;
    expect([different.code, different.stderr]).toEqual([1, '']);
    expect(different.stdout).not.toContain('\u001b');
    const compared = await start(['compare', 'a', '--sft', 'b', '--brief']).end;
    expect(compared.code).toBe(0);
    expect(compared.stderr).toContain('8 tensors done');
    expect(compared.stdout + compared.stderr).not.toMatch(/[\r]/);
    expect((await start(['diff', 'a', 'nowhere']).end).code).toBe(2);
  });

  it('wraps tables to COLUMNS', async () => {
    const { stdout } = await start(['measures'], { COLUMNS: '60' }).end;
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('is quiet when the reader of its output goes away', async () => {
    const { child, end } = start(['measures']);
    child.stdout.destroy();
    const { code, stderr } = await end;
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('Ctrl-C', () => {
  it('cancels once with 130 and says how to resume; resuming computes the rest', async () => {
    const cancelled = start(['demo', '--out', 'demo', '--threads', '1']);
    await cancelled.said('tensors to compute');
    cancelled.child.kill('SIGINT');
    const { code, stdout, stderr } = await cancelled.end;
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toContain('Cancelling; what is stored already stays.');
    expect(stderr).toMatch(
      /cancelled; \d+ of 56 tensors are done and kept\. Resume with: npx polarimeter study resume .*demo\n$/,
    );
    const resumed = await start(['study', 'resume', 'demo', '--brief']).end;
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('56 tensors done');
    const demo = await start(['demo', '--out', 'demo', '--brief']).end;
    expect([demo.code, demo.stderr]).toEqual([
      0,
      '56 tensors done: nothing new to compute, 56 taken from the store\n',
    ]);
    // The shares that the README of the demo gives: SFT 3.3 %, RL seed 1 31.5 % and seed 2 31.6 % unchanged.
    expect(demo.stdout).toMatch(/\n +sft +sft-peak +rl-seed1 +rl-seed2 /);
    expect(demo.stdout).toMatch(/\nWeights unchanged \(bf16\) +3\.3 % +19\.0 % +31\.5 % +31\.6 % /);
    expect(demo.stdout).toContain('\nBy module, the last checkpoint of each run\n');
    expect(demo.stdout).toContain('\n- RL after SFT did not heal OOD here');
    expect(demo.stdout).toContain('npx polarimeter serve --open');
  }, 120_000);

  it('ends at once when it comes twice', async () => {
    const { child, end, said } = start([...COMPARE, '--out', 'twice']);
    await said('tensors to compute');
    child.kill('SIGINT');
    await said('Press Ctrl-C again');
    child.kill('SIGINT');
    expect([130, 'SIGINT']).toContain((await end).code);
    const resumed = await start(['study', 'resume', 'twice', '--brief']).end;
    expect(resumed.code).toBe(0);
  }, 120_000);

  it('with --json is a document as well', async () => {
    const { child, end, said } = start([...COMPARE, '--json']);
    await said('tensors to compute');
    child.kill('SIGINT');
    const { code, stdout } = await end;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'polarimeter.error/1', error: { code: 'cancelled' } });
  }, 60_000);
});

describe('serve', () => {
  it('announces one address, serves it, and ends with 0 on Ctrl-C', async () => {
    const { child, end, said } = start(['serve', '--json']);
    const [first] = (await once(child.stdout, 'data')) as [string];
    const { url } = ServerDocument.parse(JSON.parse(first));
    expect((await fetch(url)).status).toBeLessThan(500);
    await said('until Ctrl-C');
    child.kill('SIGINT');
    expect((await end).code).toBe(0);
  });

  it('refuses a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { code, stderr } = await start(['serve', '--port', port]).end;
    other.close();
    expect(code).toBe(2);
    expect(stderr).toContain(port);
  });
});
