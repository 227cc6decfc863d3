import { beforeAll, describe, expect, it } from 'vitest';
import { CurvesDocument } from '../../src-main/contract/rows.ts';
import { StepsDocument } from '../../src-main/contract/stripes.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);
const Q = 'model.layers.0.self_attn.q_proj.weight';
const WEIGHTS = 16 * 16;

beforeAll(async () => {
  tinyModel(folder, 'base');
  tinyModel(folder, 'sft', { change: 0.1, seed: 2 });
  tinyModel(folder, 'rl', { change: 0.001, seed: 3, tensors: { 'model.norm.weight': null } });
  const { code } = await run('compare', 'base', '--sft', 'sft', '--rl', 'rl', '--out', 'study', '--json');
  expect(code).toBe(0);
});

describe('study steps', () => {
  it('adds up to the step histogram that a run stored', async () => {
    const { stdout } = await run('study', 'steps', 'study', Q, '--variant', 'rl', '--json');
    const { reference, variant, invalid, magnitudes } = StepsDocument.parse(JSON.parse(stdout));
    expect({ reference, variant, invalid }).toEqual({ reference: 'base', variant: 'rl', invalid: 0 });
    const stored = await run('study', 'curves', 'study', Q, '--variant', 'rl', '--json');
    const curves = CurvesDocument.parse(JSON.parse(stored.stdout)).curves;
    const byBin = magnitudes.reduce<number[]>(
      (sums, { up, down }) => up.map((count, bin) => (sums[bin] ?? 0) + count + (down[bin] ?? 0)),
      [],
    );
    expect(byBin).toEqual(curves.find(({ name }) => name === 'ulp-steps')?.values);
    expect(magnitudes.reduce((sum, { weights }) => sum + weights, 0)).toBe(WEIGHTS);
    const exponents = magnitudes.map(({ exponent }) => exponent ?? -Infinity);
    expect(exponents).toEqual(exponents.toSorted((a, b) => a - b));
  });

  it('prints a line per magnitude, the largest first', async () => {
    const { code, stdout } = await run('study', 'steps', 'study', Q, '--variant', 'sft');
    expect(code).toBe(0);
    expect(stdout).toContain('sft against base');
    const magnitudes = [...stdout.matchAll(/^2\^(-?\d+) /gm)].map(([, exponent]) => Number(exponent));
    // The base is uniform in (-1, 1): about half of it lies in the highest binade.
    expect(magnitudes[0]).toBe(-1);
    expect(magnitudes[1]).toBe(-2);
  });

  it('asks for a variant where there are several, and names the nearest of one that is misspelled', async () => {
    const several = await run('study', 'steps', 'study', Q);
    expect(several).toMatchObject({ code: 2, stdout: '' });
    expect(several.stderr).toContain('choose one of the variants: sft, rl');
    const misspelled = await run('study', 'steps', 'study', Q, '--variant', 'slt');
    expect(misspelled).toMatchObject({ code: 2 });
    expect(misspelled.stderr).toContain('did you mean sft?');
  });

  it('says why a tensor is not compared', async () => {
    const missing = await run('study', 'steps', 'study', 'model.norm.weight', '--variant', 'rl');
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain(
      '"model.norm.weight" is not compared in "rl": the variant has no tensor of this name',
    );
  });
});
