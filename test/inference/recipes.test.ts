import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { Recipe } from '../../src-main/contract/recipe.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { functionChange } from '../../src-main/inference/compareDistributions.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { makeTensors } from '../../src-main/recipes/makeTensors.ts';
import { openRecipe } from '../../src-main/recipes/openModel.ts';
import { caughtAsync } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { benchOf, DEMO, demoCheckpoint } from './demoBench.ts';

const folder = tempFolder();
process.env['POLARIMETER_WORK'] = join(folder, 'work');
const base = demoCheckpoint('base');
const TEXT = '6 K J 7;JQK=10;24=10*(10-7)-6';
const kernels = new Kernels();

const opened = (edits: unknown[]): Checkpoint => {
  const inputs = { base: { path: 'base' }, sft: { path: 'sft/checkpoint-240' } };
  const recipe = { schema: 'polarimeter.recipe/1', name: 'r', target: 'base', inputs, edits };
  return openRecipe(Recipe.parse(recipe), DEMO);
};

async function made(edits: unknown[]): Promise<Checkpoint> {
  const checkpoint = opened(edits);
  await makeTensors(checkpoint, kernels, { budget: new MemoryBudget(2 ** 28) });
  return checkpoint;
}

describe('recipes on a bench', () => {
  it('patch only what they change, taken and made, and function-preserving ones preserve it', async () => {
    await using bench = await benchOf(base, join(folder, 'bench'));
    const load = async (checkpoint: Checkpoint) => {
      await using model = await bench.load(checkpoint, {});
      return { tensors: model.patched.tensors, bits: await model.evaluator.distributions(TEXT) };
    };
    const first = await load(base);
    const taken = await load(await made([{ edit: 'take', from: 'sft', tensors: { layers: ['0-1'] } }]));
    // Seven matrices and two norms of each layer.
    expect(taken.tensors).toBe(18);
    const rotated = await load(await made([{ edit: 'rotate-heads', rotation: 'haar' }]));
    // Those of the recipe before are put back; values and outputs of two layers are in both.
    expect(rotated.tensors).toBe(18 + 2 * 6 - 4);
    const permuted = await load(await made([{ edit: 'permute-heads' }]));
    expect((await load(base)).bits).toEqual(first.bits);

    const change = (other: typeof first) => functionChange(first.bits, other.bits);
    expect(change(taken).meanKl).toBeGreaterThan(0.01);
    // Values and outputs were rounded to bf16 once more: logits move by less than what an SFT step of two layers moves them.
    expect(change(rotated).maxLogitChange).toBeGreaterThan(1e-4);
    expect(change(rotated).maxLogitChange).toBeLessThan(0.2);
    expect(change(rotated).meanKl).toBeLessThan(1e-3);
    // Only the order of float32 sums changed.
    expect(change(permuted).maxLogitChange).toBeLessThan(1e-4);
    expect(change(permuted).meanKl).toBeLessThan(1e-9);
  });

  it('whose tensors are not made are refused, and the bench goes on', async () => {
    await using bench = await benchOf(base, join(folder, 'unmade'));
    const missing = opened([{ edit: 'interpolate', to: 'sft', amount: 0.123 }]);
    expect((await caughtAsync(() => bench.load(missing, {}))).code).toBe('recipe-not-made');
    await using model = await bench.load(base, {});
    expect(await model.evaluator.distributions(TEXT)).toHaveLength(TEXT.length);
  });
});
