/** What must hold of edits for any matrices and any number of directions; over random ones. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { makeTensors } from '../../src-main/recipes/makeTensors.ts';
import { openRecipe } from '../../src-main/recipes/openModel.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { gaussian, orthonormal, plus, product, type Matrix } from '../fixtures/matrix.ts';
import { frobenius, plainSvd } from '../fixtures/plainSvd.ts';
import { readModel } from '../fixtures/recipeModels.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
process.env['POLARIMETER_WORK'] = join(folder, 'work');
const kernels = new Kernels();
const NAME = 'model.layers.0.mlp.up_proj.weight';
let written = 0;

function write({ rows, cols, values }: Matrix): string {
  const path = join(folder, String(written++));
  writeCheckpoint(path, {
    config: {},
    tensors: [{ name: NAME, dtype: 'F64', shape: [rows, cols], data: values }],
  });
  return path;
}

/** What edits make of a matrix, with another one called "other". */
async function edited(own: Matrix, other: Matrix, ...edits: unknown[]): Promise<Matrix> {
  const inputs = { own: { path: write(own) }, other: { path: write(other) } };
  const recipe = Recipe.parse({ schema: 'polarimeter.recipe/1', name: 'x', target: 'own', inputs, edits });
  const checkpoint = openRecipe(recipe, folder);
  await makeTensors(checkpoint, kernels, { budget: new MemoryBudget(2 ** 24) });
  return readModel(checkpoint).get(NAME)!;
}

const Case = fc.record({
  rows: fc.integer({ min: 2, max: 14 }),
  cols: fc.integer({ min: 2, max: 14 }),
  seed: fc.integer({ min: 1, max: 10_000 }),
  share: fc.integer({ min: 0, max: 100 }),
});
type Case = typeof Case extends fc.Arbitrary<infer T> ? T : never;

const matricesOf = ({ rows, cols, seed }: Case): [Matrix, Matrix] => [
  gaussian(rows, cols, seed),
  gaussian(rows, cols, seed + 20_000),
];
const countOf = ({ rows, cols, share }: Case): number => Math.round((share / 100) * Math.min(rows, cols));
const error = (a: Matrix, b: Matrix): number => frobenius(plus(a, b, -1)) / Math.max(frobenius(b), 1);
const restore = (top: number, more = {}) => ({ edit: 'restore', from: 'other', top, ...more });

async function always(property: (one: Case) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(Case, property), { numRuns: 12, seed: 7 });
}

it('what is swapped in one direction and what is swapped in the other add up to both matrices', () =>
  always(async (one) => {
    const [t, b] = matricesOf(one);
    const k = countOf(one);
    const sum = plus(await edited(t, b, restore(k)), await edited(b, t, restore(k)));
    expect(error(sum, plus(t, b))).toBeLessThan(1e-12);
  }));

it('head and tail that make up all directions are the donor', () =>
  always(async (one) => {
    const [t, b] = matricesOf(one);
    const k = countOf(one);
    const rest = Math.min(one.rows, one.cols) - k;
    expect(await edited(t, b, restore(k, { bottom: rest }))).toEqual(b);
  }));

it('restoring from itself changes nothing, in every variant', () =>
  always(async (one) => {
    const [t] = matricesOf(one);
    const k = countOf(one);
    for (const more of [{}, { values: 'target' }, { vectors: 'target' }, { variant: 'orthonormal' }]) {
      expect(error(await edited(t, t, restore(k, more)), t)).toBeLessThan(1e-12);
    }
  }));

it('orthonormal restoration of directions keeps the singular values', () =>
  always(async (one) => {
    const [t, b] = matricesOf(one);
    const found = plainSvd(
      await edited(t, b, restore(countOf(one), { values: 'target', variant: 'orthonormal' })),
    ).s;
    plainSvd(t).s.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-12 * found[0]!));
  }));

it('restoration turns with rotations of both matrices', () =>
  always(async (one) => {
    const [t, b] = matricesOf(one);
    const turn = orthonormal(gaussian(one.rows, one.rows, one.seed + 40_000));
    const k = countOf(one);
    for (const more of [{}, { values: 'target' }, { vectors: 'target' }, { variant: 'orthonormal' }]) {
      const before = await edited(product(turn, t), product(turn, b), restore(k, more));
      const after = product(turn, await edited(t, b, restore(k, more)));
      // Mixed bases may nearly lack rank: then the nearest orthonormal one hangs on their last digits.
      expect(error(before, after)).toBeLessThan('variant' in more ? 1e-6 : 1e-11);
    }
  }));

it('values restored twice are values restored once; a truncated update truncated again stays', () =>
  always(async (one) => {
    const [t, b] = matricesOf(one);
    const k = countOf(one);
    const all = Math.min(one.rows, one.cols);
    const values = restore(all, { vectors: 'target' });
    expect(error(await edited(t, b, values, values), await edited(t, b, values))).toBeLessThan(1e-12);
    const truncate = { edit: 'truncate-update', since: 'other', rank: k };
    expect(error(await edited(t, b, truncate, truncate), await edited(t, b, truncate))).toBeLessThan(1e-12);
  }));

it('a way there and back is no way; half an update twice is a quarter', () =>
  always(async (one) => {
    const [t, b] = matricesOf(one);
    const scale = (factor: number) => ({ edit: 'scale-update', since: 'other', factor });
    expect(error(await edited(t, b, scale(4), scale(0.25)), t)).toBeLessThan(1e-13);
    const way = { edit: 'interpolate', to: 'other', amount: 0.75 };
    expect(error(await edited(t, b, scale(0.5), scale(0.5)), await edited(t, b, way))).toBeLessThan(1e-14);
  }));

it('a mask and its complement share the update between them', () =>
  always(async (one) => {
    const [t, b] = matricesOf(one);
    const share = 0.01 + 0.0098 * one.share;
    for (const kind of ['principal', 'low-magnitude', 'random']) {
      const mask = { kind, share, ...(kind === 'principal' ? { rank: 1 } : {}) };
      const [kept, left] = [false, true].map((complement) =>
        edited(t, b, { edit: 'mask-update', since: 'other', mask, complement }),
      );
      const [first, second] = [(await kept)!, (await left)!];
      first.values.forEach((value, i) => {
        const both = [value, second.values[i]!].sort((p, q) => p - q);
        expect(both).toEqual([t.values[i]!, b.values[i]!].sort((p, q) => p - q));
      });
      const count = first.values.filter((value, i) => value === t.values[i]).length;
      expect(count).toBe(Math.round(share * one.rows * one.cols));
    }
  }));
