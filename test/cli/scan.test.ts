import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ErrorDocument, ScanDocument } from '../../src-main/cli/documents.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): ReturnType<typeof runCommand> => runCommand(folder, ...argv);

beforeAll(() => {
  for (const step of [10, 2]) tinyModel(join(folder, 'runs'), `checkpoint-${String(step)}`, { change: 0.1 });
  tinyModel(join(folder, 'models'), 'base');
  mkdirSync(join(folder, 'runs', 'checkpoint-30'));
  writeFileSync(join(folder, 'runs', 'checkpoint-30', '__0_0.distcp'), '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('scan', () => {
  it('lists checkpoints of several folders with what they are, and the rejected ones with the reason', async () => {
    const { code, stdout, stderr } = await run('scan', 'runs', 'models');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      `Checkpoints below ${join(folder, 'runs')}, ${join(folder, 'models')}: 3 found.\n`,
    );
    expect(stdout).toMatch(/\ncheckpoint +format +parameters +size +step/);
    expect(stdout).toMatch(/\nbase +safetensors +1648 +3\.22 KiB/);
    expect(stdout).toMatch(/checkpoint-2 +safetensors +1648 +3\.22 KiB +2\b[^]*checkpoint-10 +safetensors/);
    for (const path of [join('models', 'base'), join('runs', 'checkpoint-10')])
      expect(stdout).toContain(`${join(folder, path)}\n`);
    expect(stdout).toContain(
      `\nNot a checkpoint\n${join(folder, 'runs', 'checkpoint-30')}\n  this folder holds "__0_0.distcp", which`,
    );
    for (const line of stdout.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('prints paths alone with -q', async () => {
    const { stdout } = await run('scan', '-q', 'runs');
    expect(stdout).toBe(
      [2, 10].map((step) => `${join(folder, 'runs', `checkpoint-${String(step)}`)}\n`).join(''),
    );
  });

  it('is one valid document with --json', async () => {
    const { stdout } = await run('scan', 'runs', '--json');
    const { found, rejected, roots } = ScanDocument.parse(JSON.parse(stdout));
    expect(roots).toEqual([join(folder, 'runs')]);
    expect(found.map(({ step, parameters }) => [step, parameters])).toEqual([
      [2, 1648],
      [10, 1648],
    ]);
    expect(rejected.map(({ code }) => code)).toEqual(['unsupported-format']);
  });

  it('searches the usual places without a name, and says when there are none', async () => {
    vi.stubEnv('HOME', join(folder, 'home'));
    vi.stubEnv('HF_HUB_CACHE', join(folder, 'models'));
    expect((await run('scan', '-q')).stdout).toBe(`${join(folder, 'models', 'base')}\n`);
    vi.stubEnv('HF_HUB_CACHE', join(folder, 'nowhere'));
    const { code, stdout } = await run('scan');
    expect(code).toBe(0);
    expect(stdout).toContain('there is no such folder');
  });

  it('ends with 2 where a named folder does not exist', async () => {
    const { code, stdout } = await run('scan', 'runs', 'nowhere', '--json');
    expect(code).toBe(2);
    expect(ErrorDocument.parse(JSON.parse(stdout)).error.code).toBe('path-not-found');
  });
});
