import { beforeAll, describe, expect, it } from 'vitest';
import { CurvesDocument } from '../../src-main/contract/rows.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);
const Q = 'model.layers.0.self_attn.q_proj.weight';

beforeAll(async () => {
  tinyModel(folder, 'base');
  tinyModel(folder, 'sft', { change: 0.1, seed: 2 });
  tinyModel(folder, 'rl', { change: 0.001, seed: 3 });
  const { code } = await run('compare', 'base', '--sft', 'sft', '--rl', 'rl', '--out', 'study', '--json');
  expect(code).toBe(0);
});

async function curvesOf(...more: string[]): Promise<CurvesDocument['curves']> {
  const { stdout } = await run('study', 'curves', 'study', Q, '--json', ...more);
  return CurvesDocument.parse(JSON.parse(stdout)).curves;
}

describe('study curves', () => {
  it('gives spectra, angles, profiles and steps of every variant', async () => {
    const names = (await curvesOf()).map(({ variant, name }) => `${variant} ${name}`);
    const wanted = ['spectrum-reference', 'update-spectrum', 'angles-left', 'row-changed', 'ulp-steps'];
    expect(names).toEqual(expect.arrayContaining(wanted.flatMap((name) => [`sft ${name}`, `rl ${name}`])));
  });

  it('marks head boundaries on the axis that runs over heads, and on no other', async () => {
    const sizes = new Map((await curvesOf()).map(({ name, headSize }) => [name, headSize]));
    expect(sizes.get('row-changed')).toBe(4);
    expect(sizes.get('column-changed')).toBeNull();
    expect(sizes.get('spectrum-reference')).toBeNull();
  });

  it('has profiles that add up to the changed weights', async () => {
    const sum = (values: readonly (number | string)[]): number =>
      values.reduce<number>((total, value) => total + Number(value), 0);
    const [rows, columns, steps] = ['row-changed', 'column-changed', 'ulp-steps'].map((wanted) =>
      (async () => (await curvesOf('--variant', 'rl')).find(({ name }) => name === wanted)?.values ?? [])(),
    );
    const [byRow, byColumn, bySteps] = await Promise.all([rows, columns, steps]);
    expect(sum(byRow ?? [])).toBe(sum(byColumn ?? []));
    expect(sum(byRow ?? [])).toBe(sum((bySteps ?? []).slice(1)));
  });

  it('prints a table, and every value as CSV', async () => {
    const table = await run('study', 'curves', 'study', Q, '--variant', 'rl');
    expect(table.stdout).toContain('row-changed');
    expect(table.stdout).not.toContain('sft');
    const csv = (await run('study', 'curves', 'study', Q, '--variant', 'rl', '--csv')).stdout.split('\n');
    expect(csv[0]).toBe('variant,reference,tensor,curve,unit,head_size,index,value');
    expect(csv.filter((line) => line.includes(',spectrum-variant,'))).toHaveLength(16);
  });

  it('names the nearest tensor for one that is misspelled', async () => {
    const { code, stderr } = await run('study', 'curves', 'study', Q.slice(0, -1));
    expect(code).toBe(2);
    expect(stderr).toContain(`did you mean ${Q}?`);
  });
});
