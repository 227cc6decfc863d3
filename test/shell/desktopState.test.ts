import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineClient } from '../../src-main/shell/EngineClient.ts';
import { LogFile } from '../../src-main/shell/LogFile.ts';
import { ReloadGuard } from '../../src-main/shell/ReloadGuard.ts';
import { reportText } from '../../src-main/shell/reportText.ts';
import { studyArgument } from '../../src-main/shell/studyArgument.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const home = tempFolder();

describe('studyArgument', () => {
  const study = join(home, 'my.polarimeter');
  mkdirSync(study);
  writeFileSync(join(study, 'study.json'), '{}');

  it.each([
    ['a folder', [study]],
    ['its study.json', [join(study, 'study.json')]],
    ['a relative path', ['my.polarimeter']],
    [
      'one among the switches of Chromium',
      ['--allow-file-access', '-psn_0_1', 'my.polarimeter', '--lang=en'],
    ],
    ['one after a folder that is none', [home, study]],
  ])('finds %s', (_what, words) => expect(studyArgument(words, home)).toBe(study));

  it('finds none where there is none', () => {
    for (const words of [[], ['--flag'], [home], ['nowhere']]) expect(studyArgument(words, home)).toBe(null);
  });
});

describe('ReloadGuard', () => {
  it('loads a crashed page again, but not twice within a minute, and never one that was closed', () => {
    let now = 0;
    const guard = new ReloadGuard(() => now);
    expect([guard.reloads('clean-exit'), guard.reloads('crashed'), guard.reloads('oom')]).toEqual([
      false,
      true,
      false,
    ]);
    now = 59_000;
    expect(guard.reloads('crashed')).toBe(false);
    now += 61_000;
    expect(guard.reloads('killed')).toBe(true);
  });
});

describe('LogFile', () => {
  it('keeps what is printed, in two files of bounded size', () => {
    const printed: string[] = [];
    const log = new LogFile(join(home, 'logs'), (text) => printed.push(text), 1000);
    log.line('the engine ended');
    expect(readFileSync(join(home, 'logs', 'polarimeter.log'), 'utf8')).toMatch(
      /^\d{4}-.*Z the engine ended\n$/,
    );
    for (let i = 0; i < 100; i++) log.line(`line ${String(i)}`);
    expect(statSync(join(home, 'logs', 'polarimeter.log')).size).toBeLessThanOrEqual(1000);
    expect(existsSync(join(home, 'logs', 'polarimeter.log.1'))).toBe(true);
    expect(readFileSync(join(home, 'logs', 'polarimeter.log'), 'utf8')).toMatch(/line 99\n$/);
    expect(printed).toHaveLength(101);
  });

  it('goes on where no file can be written', () => {
    writeFileSync(join(home, 'file'), '');
    const printed: string[] = [];
    new LogFile(join(home, 'file'), (text) => printed.push(text)).line('still here');
    expect(printed).toEqual([
      expect.stringContaining('still here'),
      expect.stringContaining('the log cannot be written: Error: EEXIST'),
    ]);
  });
});

it('a report names the machine and the core, or why there is none', () => {
  const health = { version: '1.2.3', platform: 'linux x64', node: '24.1', pid: 1, memoryBytes: 2 ** 34 };
  const shell = { electron: '45', chrome: '140' };
  const engine = { isa: 'avx512', blas: 'OpenBLAS 0.3.21', blasCore: 'SkylakeX', threads: 2 };
  expect(reportText({ ...health, engine }, shell)).toBe(
    'Polarimeter 1.2.3 on linux x64, 16.0 GiB of memory\nElectron 45, Chromium 140, Node 24.1\n' +
      'native core: avx512, 2 threads, BLAS OpenBLAS 0.3.21 (SkylakeX)',
  );
  expect(reportText({ ...health, engine: { error: 'not built' } }, shell)).toContain(
    'native core: not built',
  );
});

it('a front without an engine is told so in the words of the engine', async () => {
  const gone = { address: () => Promise.reject(new PolarimeterError('engine-stopped', 'it keeps ending')) };
  await expect(new EngineClient(gone).open('/somewhere')).rejects.toMatchObject({
    code: 'engine-stopped',
    message: 'it keeps ending',
  });
});
