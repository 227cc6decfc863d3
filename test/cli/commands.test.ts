import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  DoctorDocument,
  ErrorDocument,
  InspectionDocument,
  MeasuresDocument,
} from '../../src-main/cli/documents.ts';
import { COMMAND_SCOPES, COMMANDS, CommandsDocument } from '../../src-main/contract/commands.ts';
import { measureInfo } from '../../src-main/measures/registry.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);

beforeAll(() => {
  tinyModel(folder, 'base');
  tinyModel(join(folder, 'runs'), 'checkpoint-10', { change: 0.1 });
  tinyModel(join(folder, 'runs'), 'checkpoint-2', { change: 0.1 });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('inspect', () => {
  it('says what a checkpoint is, module by module', async () => {
    const { code, stdout, stderr } = await run('inspect', 'base');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`\
base
path        ${join(folder, 'base')}
format      safetensors, 1 file
model       LlamaForCausalLM, 2 layers
tensors     8
parameters  1648 (1648)
size        3.22 KiB

module           tensors  shapes    type  parameters      size
───────────────  ───────  ────────  ────  ──────────  ────────
embed_tokens           1  [20, 16]  BF16         320     640 B
q_proj                 2  [16, 16]  BF16         512  1.00 KiB
down_proj              2  [16, 24]  BF16         768  1.50 KiB
input_layernorm        2  [16]      BF16          32      64 B
norm                   1  [16]      BF16          16      32 B
all                    8            BF16        1648  3.22 KiB
`);
  });

  it('lists every tensor with --tensors', async () => {
    const { stdout } = await run('inspect', 'base', '--tensors');
    expect(stdout).toMatch(/\nmodel\.layers\.1\.self_attn\.q_proj\.weight +\[16, 16\] +BF16 +256 +512 B\n/);
    expect(stdout.split('\nmodel.')).toHaveLength(9);
  });

  it('lists the checkpoints of a folder in natural order', async () => {
    const { stdout } = await run('inspect', 'runs');
    expect(stdout).toContain('is no checkpoint itself; it holds 2.');
    expect(stdout.indexOf('checkpoint-2 ')).toBeLessThan(stdout.indexOf('checkpoint-10 '));
  });

  it.each(['base', 'runs'])('is one valid document for %s', async (path) => {
    const { stdout } = await run('inspect', path, '--json');
    const { inspection } = InspectionDocument.parse(JSON.parse(stdout));
    expect(inspection.kind).toBe(path === 'base' ? 'checkpoint' : 'collection');
  });

  it('says why a path is not a checkpoint', async () => {
    const { code, stdout, stderr } = await run('inspect', join('base', 'config.json'), '--json');
    expect(code).toBe(2);
    expect(ErrorDocument.parse(JSON.parse(stdout)).error.code).toBe('not-a-checkpoint');
    expect(stderr).toMatch(/^polarimeter: .*\n {2}where: .*\n? {2}cause: .*\n {2}remedy: .*\n$/s);
  });
});

describe('commands', () => {
  it('lists everything that the workbench can do, under stable ids', async () => {
    const { code, stdout } = await run('commands', '--json');
    expect(code).toBe(0);
    expect(CommandsDocument.parse(JSON.parse(stdout)).commands).toEqual(COMMANDS);
  });

  it('prints id, title, keys and place of each, within the width', async () => {
    const { stdout } = await run('commands');
    expect(stdout).toMatch(/^on every page\n(.+\n)+palette\.open +Command palette +Mod\+K or Mod\+P$/m);
    for (const place of Object.values(COMMAND_SCOPES))
      expect(stdout.split(`\n${place}\n`).length).toBeLessThanOrEqual(2);
    for (const { id } of COMMANDS) expect(stdout).toContain(`\n${id} `);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe('measures', () => {
  it('lists the whole registry, in its order', async () => {
    const { code, stdout } = await run('measures', '--json');
    expect(code).toBe(0);
    expect(MeasuresDocument.parse(JSON.parse(stdout)).measures).toEqual(measureInfo());
  });

  it('prints formula, baseline, aggregation and source of each, within the width', async () => {
    const { stdout } = await run('measures');
    for (const { id, title } of measureInfo()) expect(stdout).toContain(`${id}  ${title.slice(0, 20)}`);
    for (const field of ['formula', 'meaning', 'baseline', 'aggregated', 'source']) {
      expect(stdout.split(`\n    ${field.padEnd(11)}`)).toHaveLength(measureInfo().length + 1);
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('selects by id or its first words', async () => {
    const { stdout } = await run('measures', 'angles.left', 'rank.stable', '--json');
    const { measures } = MeasuresDocument.parse(JSON.parse(stdout));
    expect(measures.map(({ id }) => id)).toEqual([
      'angles.left.median',
      'angles.left.mean',
      'angles.left.max',
      'rank.stable',
    ]);
  });
});

describe('doctor', () => {
  it('reports what there is', async () => {
    vi.stubEnv('POLARIMETER_STATE', join(folder, 'state'));
    const { code, stdout } = await run('doctor', '--json');
    const { health, checks } = DoctorDocument.parse(JSON.parse(stdout));
    expect(code).toBe(0);
    expect(health.node).toBe(process.versions.node);
    expect(checks.find(({ title }) => title === 'Native core')?.state).toBe('ok');
    expect(checks.find(({ title }) => title === 'Inference')).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^llama\.cpp \S+ by node-llama-cpp \S+: cpu/) as string,
    });
    expect(checks.find(({ title }) => title === 'State folder')?.detail).toBe(join(folder, 'state'));
    const text = await run('doctor');
    for (const { title } of checks)
      expect(text.stdout).toMatch(new RegExp(`^${title} +(ok|absent|broken) `, 'm'));
  });

  it('ends with 4 and says what helps when the native core is missing', async () => {
    vi.stubEnv('POLARIMETER_ADDON', join(folder, 'nothing.node'));
    vi.stubEnv('POLARIMETER_STATE', join(folder, 'state'));
    const { code, stdout } = await run('doctor');
    expect(code).toBe(4);
    expect(stdout).toMatch(/Native core +broken +.*could not be loaded/);
    expect(stdout).toContain('npm run setup');
  });
});

describe('without the native core', () => {
  it('commands that compute end with 4, those that read headers work', async () => {
    vi.stubEnv('POLARIMETER_ADDON', join(folder, 'nothing.node'));
    const diff = await run('diff', 'base', 'base', '--json');
    expect(diff.code).toBe(4);
    expect(ErrorDocument.parse(JSON.parse(diff.stdout)).error.code).toBe('engine-missing');
    expect((await run('inspect', 'base')).code).toBe(0);
  });
});
