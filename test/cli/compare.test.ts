import { existsSync, readFileSync } from 'node:fs';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ErrorDocument, PlanDocument } from '../../src-main/cli/documents.ts';
import { main } from '../../src-main/cli/main.ts';
import { RowsDocument } from '../../src-main/contract/rows.ts';
import { StudyFile } from '../../src-main/contract/study.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { MemoryTerminal } from './MemoryTerminal.ts';
import { type Outcome, runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);
const rowsOf = ({ stdout }: Outcome): RowsDocument['rows'] => RowsDocument.parse(JSON.parse(stdout)).rows;

beforeAll(() => {
  tinyModel(folder, 'base');
  tinyModel(folder, 'sft', { change: 0.1, seed: 2 });
  tinyModel(folder, 'rl', { change: 0.101, seed: 2 });
  const head = { name: 'extra.weight', dtype: 'BF16', shape: [2, 2], data: [1, 2, 3, 4] };
  const norm = { name: 'model.norm.weight', dtype: 'BF16', shape: [8], data: [1, 1, 1, 1, 1, 1, 1, 1] };
  tinyModel(folder, 'odd', {
    change: 0.1,
    seed: 3,
    tensors: { 'extra.weight': head, 'model.norm.weight': norm },
  });
  tinyModel(folder, 'stranger', {
    tensors: { ...without(), 'other.weight': { ...head, name: 'other.weight' } },
  });
});

/** Every tensor of the tiny model taken away. */
function without(): Record<string, null> {
  const names = ['embed_tokens', 'norm', ...[0, 1].flatMap((layer) => layerNames(layer))];
  return Object.fromEntries(names.map((name) => [`model.${name}.weight`, null]));
}

function layerNames(layer: number): string[] {
  return ['self_attn.q_proj', 'mlp.down_proj', 'input_layernorm'].map(
    (name) => `layers.${String(layer)}.${name}`,
  );
}

describe('compare', () => {
  it('runs a study and prints SFT beside RL, with references, baselines, coverage and what to do next', async () => {
    const { code, stdout, stderr } = await run(
      'compare',
      'base',
      '--sft',
      'sft',
      '--rl',
      'rl',
      '--from',
      'rl=sft',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^base: the whole model\n/);
    expect(stdout).toMatch(/\n +SFT +RL\n +sft +rl\nmeasure +from base +from sft\n/);
    expect(stdout).toMatch(
      /\nWeights unchanged \(bf16\) +[\d.]+ % +[\d.]+ %\n {2}changed +[\d.]+ % +[\d.]+ %\n/,
    );
    expect(stdout).toContain('\n  ceiling (Mirsky) ');
    expect(stdout).toContain('\nsft, rl: 8 of 8 tensors compared, 1648 parameters\n');
    expect(stdout).toContain(`\nResults lie in ${join(folder, 'base.polarimeter')}\n`);
    expect(stdout).toContain('Definitions\n');
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toMatch(/^8 of 8 tensors to compute: reads .*\n8 tensors done: 8 computed in .*\n$/);
    expect(existsSync(join(folder, 'base.polarimeter', 'study.json'))).toBe(true);
  });

  it('computes nothing when it is typed again, and takes another folder for another study', async () => {
    const again = await run('compare', 'base', '--sft', 'sft', '--rl', 'rl', '--from', 'rl=sft', '--brief');
    expect(again.stderr).toBe('8 tensors done: nothing new to compute, 8 taken from the store\n');
    expect(again.stdout).not.toContain('Definitions');
    const other = await run('compare', 'base', '--rl', 'rl', '--measures', 'update');
    expect(other.stdout).toContain(join(folder, 'base-2.polarimeter'));
    const clash = await run('compare', 'base', '--rl', 'rl', '--out', 'base.polarimeter');
    expect([clash.code, clash.stdout]).toEqual([2, '']);
    expect(clash.stderr).toContain('another folder with --out');
  });

  it('prints every row as one valid JSON document', async () => {
    const outcome = await run(
      'compare',
      'base',
      '--sft',
      'sft',
      '--out',
      'json',
      '--name',
      'A study',
      '--json',
    );
    const document = RowsDocument.parse(JSON.parse(outcome.stdout));
    expect([outcome.code, document.study]).toEqual([0, 'A study']);
    expect(new Set(document.rows.map(({ level }) => level))).toEqual(
      new Set(['overall', 'module', 'layer', 'tensor']),
    );
  });

  it('passes options on to the study', async () => {
    const tail = ['--out', 'options', '--json', '--threads', '1', '--memory', '1GiB', '--tolerances', '1e-3'];
    const narrow = [
      '--layers',
      '1',
      '--modules',
      'q_proj',
      '--measures',
      'angles.left,update.unchanged',
      '--k',
      '3',
    ];
    const outcome = await run('compare', 'base', '--other', 'my rl=rl', ...narrow, ...tail);
    const compared = rowsOf(outcome).filter(({ level, value }) => level === 'tensor' && value !== null);
    expect(new Set(compared.map(({ tensor }) => tensor))).toEqual(
      new Set(['model.layers.1.self_attn.q_proj.weight']),
    );
    expect(new Set(compared.map(({ variant, role }) => `${variant} ${role}`))).toEqual(
      new Set(['my rl other']),
    );
    expect(
      compared.filter(({ measure }) => measure.startsWith('angles')).map(({ parameters }) => parameters['k']),
    ).toEqual([3, 3, 3]);
    const written = StudyFile.parse(JSON.parse(readFileSync(join(folder, 'options', 'study.json'), 'utf8')));
    expect(written.options).toMatchObject({
      k: 3,
      layers: [[1, 1]],
      modules: ['q_proj'],
      tolerances: [1e-3],
    });
    expect(written.options.measures).toContain('update.unchanged.within-1e-3');
  });

  it('reminds that RL is compared with base while an SFT checkpoint is there', async () => {
    const { stderr } = await run(
      'compare',
      'base',
      '--sft',
      'sft',
      '--rl',
      'rl',
      '--out',
      'reminder',
      '--measures',
      'update',
    );
    expect(stderr).toContain(
      'Note: rl is compared with base. If the RL started from sft, add: --from rl=sft\n',
    );
  });

  it('lists what is not compared, with reasons', async () => {
    const { code, stdout } = await run(
      'compare',
      'base',
      '--other',
      'odd=odd',
      '--out',
      'odd-study',
      '--measures',
      'update',
    );
    expect(code).toBe(0);
    expect(stdout).toContain(
      'odd: 7 of 9 tensors compared, 1632 parameters; not compared: 1 (the shapes differ), 1 (the reference\nhas no tensor of this name)',
    );
  });
});

describe('compare --dry-run', () => {
  it('shows alignment and cost, and writes nothing', async () => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await run('compare', 'base', '--other', 'odd=odd', '--dry-run');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/model\.norm\.weight +BF16 \[16\] +BF16 \[8\] +the shapes differ/);
    expect(stdout).toMatch(/\nTo compute +7 tensors\nReads +[\d.]+ KiB\n/);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('is also one JSON document', async () => {
    const { stdout } = await run('compare', 'base', '--other', 'odd=odd', '--dry-run', '--json');
    const { estimate, alignments } = PlanDocument.parse(JSON.parse(stdout));
    expect(estimate.tensors).toBe(7);
    expect(alignments[0]?.tensors.filter(({ status }) => status === 'not-compared')).toHaveLength(2);
  });
});

describe('compare refuses', () => {
  it.each<[string, string[], [number, string], RegExp]>([
    ['a path that is not there', ['nowhere', '--sft', 'sft'], [2, 'path-not-found'], /nowhere/],
    ['a variant that is not there', ['base', '--sft', 'nowhere'], [2, 'path-not-found'], /nowhere/],
    ['a folder without a checkpoint', ['base', '--sft', 'empty'], [2, 'not-a-checkpoint'], /./],
    ['another model', ['base', '--sft', 'stranger'], [3, 'not-comparable'], /no tensor can be compared/],
    [
      'a module that no checkpoint has',
      ['base', '--sft', 'sft', '--modules', 'q_porj'],
      [2, 'usage'],
      /did you mean q_proj\?/,
    ],
    [
      'layers that leave nothing',
      ['base', '--sft', 'sft', '--layers', '7'],
      [2, 'usage'],
      /leave nothing of "sft"/,
    ],
    [
      'a study inside a checkpoint',
      ['base', '--sft', 'sft', '--out', 'sft/study'],
      [2, 'source-folder'],
      /inside the checkpoint/,
    ],
  ])('%s, and leaves nothing behind', async (_, argv, [exit, errorCode], message) => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    const before = [readdirSync(folder), readdirSync(join(folder, 'sft'))];
    const { code, stdout, stderr } = await run('compare', ...argv, '--json');
    expect(code).toBe(exit);
    expect(ErrorDocument.parse(JSON.parse(stdout)).error.code).toBe(errorCode);
    expect(stderr).toMatch(message);
    expect([readdirSync(folder), readdirSync(join(folder, 'sft'))]).toEqual(before);
  });

  it('a budget that is too small: the reason is in the rows, all else is there, the exit code is 4', async () => {
    const outcome = await run(
      'compare',
      'base',
      '--sft',
      'sft',
      '--out',
      'tight',
      '--memory',
      '1KiB',
      '--json',
    );
    const angles = rowsOf(outcome).filter(
      ({ measure, level }) => measure === 'angles.left.max' && level === 'tensor',
    );
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toContain('raise --memory');
    expect(angles.length).toBeGreaterThan(0);
    for (const { value, reason } of angles) expect([value, reason === null]).toEqual([null, false]);
  });
});

describe('study', () => {
  it('show prints stored results by level, without computing', async () => {
    const overall = await run('study', 'show', 'base.polarimeter', '--brief');
    expect([overall.code, overall.stderr]).toEqual([0, '']);
    expect(overall.stdout).toMatch(/^base: the whole model\n/);
    const layers = await run(
      'study',
      'show',
      'base.polarimeter',
      '--level',
      'layer',
      '--measures',
      'angles',
      '--variant',
      'rl',
    );
    expect(layers.stdout).toMatch(/^base: by layer\n/);
    expect(layers.stdout).toMatch(
      /\nMedian principal angle, output side; baseline: two random k-subspaces\n {2}layer 0 +[\d.]+° +\S+°\n/,
    );
    expect(layers.stdout).not.toMatch(/\bSFT\b/);
  });

  it('show and rows take a part of the model, and refuse one that there is not', async () => {
    const part = ['--layers', '1', '--modules', 'q_proj,down_proj'];
    const shown = await run('study', 'show', 'base.polarimeter', ...part, '--brief');
    expect(shown.stdout).toMatch(/^base: layers 1, q_proj, down_proj\n/);
    const rows = rowsOf(
      await run(
        'study',
        'rows',
        'base.polarimeter',
        ...part,
        '--level',
        'overall',
        '--measures',
        'update.norm',
      ),
    );
    expect(rows.map(({ tensors }) => tensors)).toEqual([2, 2]);
    expect(rows[0]?.parameters).toMatchObject({ layers: '1', modules: 'q_proj, down_proj' });
    const stranger = await run('study', 'rows', 'base.polarimeter', '--modules', 'q_prj');
    expect(stranger.code).toBe(2);
    expect(stranger.stderr).toContain('did you mean q_proj?');
  });

  it('show and rows give the same rows as JSON, and CSV has one line for each', async () => {
    const selection = ['--level', 'module', '--measures', 'rank', '--variant', 'sft'];
    const shown = rowsOf(await run('study', 'show', 'base.polarimeter', ...selection, '--json'));
    const rows = rowsOf(await run('study', 'rows', 'base.polarimeter', ...selection));
    expect(rows).toEqual(shown);
    expect(new Set(rows.map(({ variant, level }) => `${variant} ${level}`))).toEqual(new Set(['sft module']));
    const csv = await run('study', 'rows', 'base.polarimeter', ...selection, '--csv');
    expect(csv.stdout.trimEnd().split('\n')).toHaveLength(rows.length + 1);
  });

  it('run and resume go on where the study is', async () => {
    for (const verb of ['run', 'resume']) {
      const { code, stdout, stderr } = await run(
        'study',
        verb,
        join('base.polarimeter', 'study.json'),
        '--brief',
      );
      expect([code, stderr]).toEqual([0, '8 tensors done: nothing new to compute, 8 taken from the store\n']);
      expect(stdout).toMatch(/^base: the whole model\n/);
    }
  });

  it.each<[string[], RegExp]>([
    [['show', 'nowhere'], /no study\.json here/],
    [['run', 'base'], /no study\.json here/],
    [['show', 'base.polarimeter', '--variant', 'rll'], /no variant "rll"; did you mean rl\?/],
    [['show', 'base.polarimeter', '--measures', 'angels'], /did you mean angles\?/],
    [['rows', 'base.polarimeter', '--level', 'model'], /Choose one of overall, module, layer, tensor/],
    [['show', 'base.polarimeter', '--csv', '--json'], /choose one of --json and --csv/],
  ])('%j is refused', async (argv, message) => {
    const { code, stderr } = await run('study', ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('demo --fresh', () => {
  it('deletes nothing of another study', async () => {
    const study = join(folder, 'base.polarimeter');
    const before = readFileSync(join(study, 'study.json'), 'utf8');
    const { code, stderr } = await run('demo', '--out', 'base.polarimeter', '--fresh');
    expect(code).toBe(2);
    expect(stderr).toContain('this folder holds the study "base"');
    expect(readFileSync(join(study, 'study.json'), 'utf8')).toBe(before);
    expect((await run('study', 'run', 'base.polarimeter', '--brief')).stderr).toContain(
      'nothing new to compute',
    );
  });
});

describe('colours', () => {
  it('come only with a screen', async () => {
    const screen = new MemoryTerminal({ folder, colour: true });
    await main(['study', 'show', 'base.polarimeter', '--brief'], screen);
    expect(screen.stdout).toContain('\u001b[1mWeights unchanged (bf16)');
  });
});
