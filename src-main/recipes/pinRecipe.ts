import { resolve } from 'node:path';
import type { Recipe } from '../contract/recipe.ts';
import type { JobOptions } from '../kernels/runJob.ts';
import { modelFingerprint } from './modelFingerprint.ts';
import { openModel } from './openModel.ts';
import type { RecipeKernels } from './RecipeKernels.ts';

/**
 * The recipe with the content of every input written down. Inputs that are recipes must be made.
 * Fails as opening them does, and with `recipe-not-made`. @param folder what relative paths are relative to
 */
export async function pinRecipe(
  recipe: Recipe,
  folder: string,
  kernels: Pick<RecipeKernels, 'contentHash'>,
  options: JobOptions = {},
): Promise<Recipe> {
  const inputs: Recipe['inputs'] = {};
  for (const [name, input] of Object.entries(recipe.inputs)) {
    const checkpoint = openModel(resolve(folder, input.path));
    inputs[name] = { ...input, fingerprint: await modelFingerprint(checkpoint, kernels, options) };
  }
  return { ...recipe, inputs };
}
