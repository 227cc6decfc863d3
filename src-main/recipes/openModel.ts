import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { AdapterBase } from '../checkpoint/adapter/openAdapter.ts';
import { countElements } from '../checkpoint/checkTensorLayout.ts';
import { accessing } from '../checkpoint/fileErrors.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import type { Checkpoint, TensorInfo } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Recipe } from '../contract/recipe.ts';
import { must } from '../base/assert.ts';
import { checkRecipe } from './checkRecipe.ts';
import { Input } from './Input.ts';
import { isRecipeFile } from './isRecipeFile.ts';
import { openedCheckpoint } from './openedCheckpoint.ts';
import { planChains } from './planChains.ts';
import { planTensors } from './planTensors.ts';
import { readRecipe } from './readRecipe.ts';
import { recipeInvalid } from './recipeFault.ts';
import { originOf, rememberOrigin, type Pin, type TensorPlan } from './TensorPlan.ts';

/** Recipes on top of each other. */
const MOST_RECIPES = 8;

interface Place {
  /** Of the recipe's file, or where one from memory would be. */
  readonly path: string;
  /** What relative paths of inputs are relative to. */
  readonly folder: string;
  /** Real paths of the recipes that this one is an input of. */
  readonly around: readonly string[];
}

function openInput(name: string, recipe: Recipe, { folder, path, around }: Place): Checkpoint {
  const input = must(recipe.inputs[name], name);
  const at = resolve(folder, input.path);
  try {
    return openAny(at, undefined, around);
  } catch (error) {
    // What is wrong with an input of an input names its own recipe already.
    if (!(error instanceof PolarimeterError) || error.code === 'recipe-invalid') throw error;
    throw new PolarimeterError(
      error.code,
      `input ${quoteName(name)} of ${quoteName(recipe.name)}: ${error.message}`,
      error.where ?? path,
    );
  }
}

function pinsOf({ inputs }: Recipe, checkpoints: ReadonlyMap<string, Checkpoint>): Pin[] {
  return [...checkpoints].flatMap(([input, { path, tensors }]) => {
    const fingerprint = inputs[input]?.fingerprint;
    return fingerprint === undefined ? [] : [{ input, path, fingerprint, tensors }];
  });
}

/** Plans of the recipes among some checkpoints, and of those under them, by file. */
function plansBelow(checkpoints: Iterable<Checkpoint>): Map<string, TensorPlan> {
  const origins = [...checkpoints].flatMap(({ tensors }) => originOf(tensors) ?? []);
  const plans = origins.flatMap((origin) => [...origin.before, ...origin.plans]);
  return new Map(plans.map((plan) => [plan.path, plan]));
}

/** Tensors that are not stored as those of the target are: whoever writes the model out must know. */
function widened(target: Checkpoint, tensors: readonly TensorInfo[]): string[] {
  const before = new Map(target.tensors.map(({ name, dtype }) => [name, dtype]));
  const changes = tensors.flatMap(({ name, dtype }) => {
    const old = before.get(name);
    return old === undefined || old === dtype ? [] : [`${old} are stored as ${dtype}`];
  });
  return [...Map.groupBy(changes, (change) => change)].map(
    ([change, { length }]) => `${String(length)} of the tensors that were ${change} here`,
  );
}

function describe(
  recipe: Recipe,
  path: string,
  target: Checkpoint,
  tensors: readonly TensorInfo[],
): Checkpoint {
  return {
    path,
    title: recipe.name,
    format: 'recipe',
    config: target.config,
    tensors: [...tensors],
    files: [...new Set(tensors.map(({ file }) => file))],
    parameters: tensors.reduce((sum, { shape }) => sum + (countElements(shape) ?? 0), 0),
    bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    warnings: [...target.warnings, ...widened(target, tensors)],
    step: null,
  };
}

function open(recipe: Recipe, place: Place): Checkpoint {
  const fault = checkRecipe(recipe);
  if (fault) throw recipeInvalid(fault, place.path);
  const names = Object.keys(recipe.inputs);
  const checkpoints = new Map(names.map((name) => [name, openInput(name, recipe, place)]));
  const target = must(checkpoints.get(recipe.target), recipe.target);
  const inputs = new Map([...checkpoints].map(([name, each]) => [name, new Input(name, each, target)]));
  const opened = { recipe, where: place.path, target, inputs };
  const below = plansBelow(checkpoints.values());
  const { tensors, plans, taken } = planTensors(opened, planChains(opened), below);
  // A tensor that is taken or left may be one that another recipe makes.
  const before = [...new Set(tensors.flatMap(({ file }) => below.get(file) ?? []))];
  rememberOrigin(tensors, { plans, taken, before, pins: pinsOf(recipe, checkpoints) });
  return {
    ...describe(recipe, place.path, target, tensors),
    recipe: {
      target: target.path,
      edits: recipe.edits.length,
      made: plans.map(({ name }) => name),
      taken: taken.map(({ name }) => name),
    },
  };
}

function openFile(path: string, around: readonly string[]): Checkpoint {
  const real = accessing(path, () => realpathSync(path));
  if (around.includes(real)) {
    const circle = [...around.slice(around.indexOf(real)), real].map(quoteName).join(' on ');
    throw recipeInvalid({ path: [], what: `recipes are inputs of each other in a circle: ${circle}` }, path);
  }
  if (around.length >= MOST_RECIPES) {
    const what = `more than ${String(MOST_RECIPES)} recipes are inputs of each other`;
    throw recipeInvalid({ path: [], what }, path);
  }
  return open(readRecipe(path), { path, folder: dirname(path), around: [...around, real] });
}

function openAny(path: string, adapterBase: AdapterBase | undefined, around: readonly string[]): Checkpoint {
  return isRecipeFile(path) ? openFile(path, around) : openedCheckpoint(path, adapterBase);
}

/**
 * Opens a recipe file, or anything that is a checkpoint. Headers only: tensors that a recipe computes lie in files that need not be there yet.
 * Headers of checkpoints are read again only when their folder is not as it was.
 * Fails with `recipe-invalid`, and as openCheckpoint does.
 */
export function openModel(path: string, adapterBase?: AdapterBase): Checkpoint {
  return openAny(resolve(path), adapterBase, []);
}

/**
 * The same of a recipe that is in memory only.
 * @param folder what relative paths of its inputs are relative to
 * @param around real paths of the recipes that it is an input of
 */
export function openRecipe(recipe: Recipe, folder: string, around: readonly string[] = []): Checkpoint {
  return open(recipe, {
    path: join(resolve(folder), `${recipe.name}.yaml`),
    folder: resolve(folder),
    around,
  });
}
