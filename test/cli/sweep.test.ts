import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Exported, SweepDocument, SweepPlan, type TrialResult } from '../../src-main/contract/sweep.ts';
import { readRecipe } from '../../src-main/recipes/readRecipe.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from './runCommand.ts';

const DEMO = fileURLToPath(new URL('../../resources/demo', import.meta.url));
const home = tempFolder();

const MODELS = ['--target', `sft=${DEMO}/sft/checkpoint-240`, '--donor', `${DEMO}/base`];
const PROBES = ['--probe', `id=${DEMO}/probes/id.jsonl`, '--probe', `ood=${DEMO}/probes/ood.jsonl`];
const QUICK = ['--limit', '32', '--max-tokens', '24', '--threads', '1'];

const before = process.env['POLARIMETER_WORK'];
beforeAll(() => {
  process.env['POLARIMETER_WORK'] = join(home, 'work');
});
afterAll(() => {
  if (before === undefined) delete process.env['POLARIMETER_WORK'];
  else process.env['POLARIMETER_WORK'] = before;
});

const sweep = (...argv: string[]) => runCommand(home, 'sweep', ...argv);

describe('sweep --dry-run', () => {
  it('prints the trials of a grid and evaluates nothing', async () => {
    const { code, stdout } = await sweep(
      ...MODELS,
      ...PROBES,
      '--k',
      '4,25%',
      '--layers',
      '50%',
      '--dry-run',
    );
    expect(code).toBe(0);
    expect(stdout).toContain("repair   top 25 % directions, target's values");
    expect(stdout).toContain('control  everything from base');
    expect(stdout).toContain('14 trials, 16 800 answers; nothing was evaluated');
  });

  it('prints the plan that the API replies', async () => {
    const { stdout } = await sweep(...MODELS, ...PROBES, '--amounts', '0.5', '--dry-run', '--json');
    const { trials, estimate } = SweepPlan.parse(JSON.parse(stdout));
    expect(trials.map(({ kind }) => kind)).toEqual([
      'model',
      'model',
      'repair',
      'control',
      'control',
      'control',
    ]);
    expect(estimate.answers).toBe(trials.length * 1200);
  });

  it('names the three confounds of arXiv 2509.12235 where they apply', async () => {
    const { stdout } = await sweep(...MODELS, ...PROBES, '--k', '64', '--dry-run', '--json');
    const { trials } = SweepPlan.parse(JSON.parse(stdout));
    const [repair] = trials.filter(({ kind }) => kind === 'repair');
    expect(repair?.confounds.join('\n')).toContain('k_proj and v_proj have only 64 directions');
  });

  it('of the demo has at least 24 recipes', async () => {
    process.env['POLARIMETER_STATE'] = join(home, 'state');
    const { stdout } = await sweep('--demo', '--dry-run', '--json');
    delete process.env['POLARIMETER_STATE'];
    const { trials } = SweepPlan.parse(JSON.parse(stdout));
    expect(trials.filter(({ recipe }) => recipe !== null).length).toBeGreaterThanOrEqual(24);
  });
});

describe('sweep', () => {
  const folder = join(home, 'small');
  const grid = [...MODELS, ...PROBES, ...QUICK, '--k', '64', '--random-layers', '1', '--layers', '50%'];

  it('evaluates real recipes: a full roll-back answers as the donor does', async () => {
    const { code, stdout, stderr } = await sweep(...grid, '--out', folder, '--json');
    expect([code, stderr.includes('10 trials, about 640 answers')]).toEqual([0, true]);
    const { results, gate, progress, evaluator } = SweepDocument.parse(JSON.parse(stdout));
    expect(progress).toMatchObject({ state: 'done', done: 640, total: 640 });
    expect(evaluator?.engine).toContain('llama.cpp');
    expect(results.map(({ state, reason }) => [state, reason])).toEqual(results.map(() => ['done', null]));
    const find = (label: string): TrialResult | undefined =>
      results.find(({ trial }) => trial.label.startsWith(label));
    const verdicts = (label: string) => find(label)?.probes.map((probe) => [probe.accuracy, probe.verdicts]);
    expect(verdicts('everything')).toEqual(verdicts('base'));
    expect(find('everything')?.moved?.norm).toBeCloseTo(find('base')?.moved?.norm ?? 0, 6);
    expect(verdicts('sft')).not.toEqual(verdicts('base'));
    // A step is as long as the one that it is matched to, up to the rounding of bf16.
    const [repair, random, straight] = [
      'top 64',
      'random step as long as: top 64',
      'straight to base as',
    ].map((label) => find(label)?.moved?.norm ?? 0);
    expect((random ?? 0) / (repair ?? 1)).toBeCloseTo(1, 2);
    expect((straight ?? 0) / (repair ?? 1)).toBeCloseTo(1, 2);
    expect(gate.verdict).not.toBe('open');
  });

  it('shows what is stored, repairs and controls apart, and asks nothing again', async () => {
    const shown = await sweep('show', folder);
    expect(shown.stdout).toMatch(/Repairs, most OOD accuracy first\n1 .*\n[^]*Controls: what chance/);
    expect(shown.stdout).toContain('Directional gate (arXiv 2508.16546):');
    const again = await sweep(folder);
    expect(again.stderr).toContain('640 are there already');
    expect(again.stdout).toBe(shown.stdout);
    const json = await sweep('show', folder, '--json');
    expect(SweepDocument.parse(JSON.parse(json.stdout)).results).toHaveLength(10);
  });

  it.each([
    [['--k', '4'], 2, '--target is missing'],
    [[...MODELS, ...PROBES], 2, 'there is nothing to try'],
    [[...MODELS, ...PROBES, ...PROBES, '--k', '4'], 2, 'two probes are called id'],
    [['absent.yaml'], 2, 'absent.yaml'],
    [['wrong.yaml'], 2, 'grid.0.shares.0'],
    [['show', '.'], 2, 'no sweep.json here'],
    [[...MODELS, ...PROBES, '--k', '8', '--out', 'small'], 2, 'another sweep in this folder'],
    [[...MODELS, ...PROBES, '--k', '8', '--out', 'small'], 2, 'go on with the one that is there'],
    [['empty.yaml'], 2, 'the file: is empty: expected object'],
    [['short.yaml'], 2, 'name: is missing: expected string'],
    [[...MODELS, ...PROBES, '--k', '8', '--out', `${DEMO}/base/x`], 2, 'lies inside the checkpoint'],
  ])('%j says what is wrong', async (argv, exit, words) => {
    writeFileSync(
      join(home, 'wrong.yaml'),
      'schema: polarimeter.sweep/1\nname: x\ntarget: {label: a, path: a}\ndonor: {label: b, path: b}\nprobes: [{name: id, kind: id, path: p}]\ngrid: [{kind: reset-layers, shares: [2]}]\n',
    );
    writeFileSync(join(home, 'empty.yaml'), '');
    writeFileSync(join(home, 'short.yaml'), 'schema: polarimeter.sweep/1\n');
    const { code, stderr } = await sweep(...argv);
    expect([code, stderr]).toEqual([exit, expect.stringContaining(words)]);
  });
});

describe('sweep export', () => {
  const small = join(home, 'small');
  const exported = (...argv: string[]) => runCommand(home, 'sweep', 'export', ...argv);
  const LAYERS = 'first 50 % of layers (0-2) from base';

  it('writes the recipe of a trial by its name, pinned, and refuses a path that is taken', async () => {
    const { code, stdout } = await exported(small, LAYERS, '--out', 'layers.yaml');
    expect([code, stdout]).toEqual([0, expect.stringContaining('layers.yaml')]);
    const recipe = readRecipe(join(home, 'layers.yaml'));
    expect(recipe.edits).toMatchObject([{ edit: 'take', tensors: { layers: ['0-2'] } }]);
    expect(Object.values(recipe.inputs).every(({ fingerprint }) => fingerprint !== undefined)).toBe(true);
    const again = await exported(small, LAYERS, '--out', 'layers.yaml');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('choose another path')]);
  });

  it('writes a checkpoint, a model for llama.cpp and a configuration for mergekit', async () => {
    const argv = [small, LAYERS, '--threads', '1', '--json'];
    const folder = await exported(...argv, '--as', 'checkpoint', '--out', 'layers');
    expect(Exported.parse(JSON.parse(folder.stdout)).bytes).toBeGreaterThan(2_000_000);
    expect((await runCommand(home, 'diff', 'layers', 'layers.yaml')).code).toBe(0);
    await exported(...argv, '--as', 'gguf', '--out', 'layers.gguf');
    expect(readFileSync(join(home, 'layers.gguf')).subarray(0, 4).toString()).toBe('GGUF');
    const { stdout } = await exported(...argv, '--as', 'mergekit', '--out', 'merge.yaml');
    expect(Exported.parse(JSON.parse(stdout)).path).toBe(join(home, 'merge.yaml'));
  });

  it('says which trials there are, that a path is missing, and what mergekit cannot do', async () => {
    const unknown = await exported(small, 'the best one', '--out', 'x.yaml');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining(LAYERS)]);
    expect((await exported(small, LAYERS)).stderr).toContain('--out PATH');
    expect((await exported(small, 'sft', '--out', 'x.yaml')).stderr).toContain('unedited model');
    const directions = ["top 64 directions, target's values", '--as', 'mergekit', '--out', 'x.yaml'];
    expect((await exported(small, ...directions)).stderr).toContain('singular directions');
    expect(existsSync(join(home, 'x.yaml'))).toBe(false);
  });
});

describe('repair', () => {
  it('chooses, confirms and answers the gate on real models', async () => {
    const argv = [...MODELS, ...PROBES, ...QUICK, '--limit', '96', '--evaluations', '3', '--json'];
    const { code, stdout } = await runCommand(home, 'repair', ...argv, '--out', 'repair');
    expect(code).toBe(0);
    const { rungs, gate, results, file } = SweepDocument.parse(JSON.parse(stdout));
    expect(file.repair?.evaluations).toBe(3);
    expect(rungs.length).toBeGreaterThan(0);
    expect(gate.verdict).not.toBe('open');
    const winner = results.find(({ trial }) => trial.id === rungs.at(-1)?.kept[0]);
    // Half of 96, each stratum by itself.
    for (const { accuracy } of winner?.probes ?? []) expect(Math.abs(accuracy.n - 48)).toBeLessThanOrEqual(1);
    expect(winner?.probes).toHaveLength(2);
    expect(results.filter(({ state }) => state === 'dropped').length).toBeGreaterThan(10);
  });

  it('shows repairs that were dropped apart: they answered other problems than the one that was confirmed', async () => {
    const { stdout } = await sweep('show', 'repair');
    const [, confirmed, dropped] =
      /Repairs, most OOD accuracy first\n([^]*?)Controls: [^]*?\nDropped repairs, on problems of the selection half[^\n]*\n([^]*?)\n\n/.exec(
        stdout,
      ) ?? [];
    expect(confirmed).toMatch(/^1 /);
    expect(confirmed).not.toMatch(/^2 /m);
    expect(dropped).toMatch(/^2 /);
    // Never asked: they have no line, and one reason for all.
    expect(dropped).not.toContain('dropped');
    expect(stdout.replaceAll(/\s+/g, ' ').match(/more candidates than the budget/g)).toHaveLength(1);
    expect(stdout).toMatch(/over 1\s+test\./);
  });
});
