import { dirname, resolve } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Recipe } from '../contract/recipe.ts';
import { isRecipeFile } from '../recipes/isRecipeFile.ts';
import { openModel } from '../recipes/openModel.ts';
import { readRecipe } from '../recipes/readRecipe.ts';

export interface RecipeFile {
  readonly path: string;
  /** What relative paths in it are relative to. */
  readonly folder: string;
  readonly recipe: Recipe;
  readonly checkpoint: Checkpoint;
}

/** The recipe at a path, and the checkpoint that it stands for. Fails with `usage` for anything else, `recipe-invalid`, and as opening its inputs does. */
export function recipeFile(typed: string, current: string): RecipeFile {
  const path = resolve(current, typed);
  const checkpoint = openModel(path);
  if (!isRecipeFile(path)) throw new PolarimeterError('usage', 'this is a checkpoint, not a recipe', path);
  return { path, folder: dirname(path), recipe: readRecipe(path), checkpoint };
}
