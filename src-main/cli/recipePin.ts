import type { Command } from 'commander';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Recipe } from '../contract/recipe.ts';
import { Kernels } from '../kernels/Kernels.ts';
import { isRecipeFile } from '../recipes/isRecipeFile.ts';
import { openModel } from '../recipes/openModel.ts';
import { pinRecipe } from '../recipes/pinRecipe.ts';
import { writeRecipe } from '../recipes/recipeText.ts';
import { makeModel } from './makeModel.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './ProgressLine.ts';
import { recipeFile, type RecipeFile } from './recipeFile.ts';
import { refuseExisting } from './refuseExisting.ts';
import { type LimitOptions, limitsFrom } from './runStudy.ts';
import type { Session } from './Session.ts';
import { examples, withLimitOptions, withOutputOptions } from './sharedOptions.ts';
import type { Terminal } from './Terminal.ts';
import { withInterrupt } from './withInterrupt.ts';
import { writeJson } from './writeJson.ts';

interface PinOptions extends LimitOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `recipe pin FILE`: writes down what its inputs contain, so that another checkpoint at the same path is told. */
export function recipePinCommand(recipe: Command, { terminal }: Session): void {
  withOutputOptions(withLimitOptions(recipe.command('pin')))
    .argument('<recipe>', 'a recipe file')
    .description('write into a recipe what its inputs contain: it then works with these checkpoints only')
    .option('--out <file>', 'write the pinned recipe here (default: in place; comments are not kept)')
    .option('--force', 'replace the file of another recipe')
    .addHelpText('after', examples(['recipe pin repair.yaml', 'recipe pin repair.yaml --out pinned.yaml']))
    .action(async (typed: string, options: PinOptions) => {
      const file = recipeFile(typed, terminal.folder);
      const out = options.out === undefined ? file.path : resolve(terminal.folder, options.out);
      if (out !== file.path) refuseExisting(out, options.force ?? false);
      const pinned = moved(await pin(terminal, file, options), file.folder, dirname(out));
      writeRecipe(out, pinned);
      if (options.json)
        writeJson(terminal, { schema: 'polarimeter.recipe-file/1', path: out, recipe: pinned });
      else print(terminal, out, pinned);
    });
}

/** Relative paths of inputs as another folder sees them. */
function moved(recipe: Recipe, from: string, to: string): Recipe {
  if (from === to) return recipe;
  const inputs = Object.entries(recipe.inputs).map(([name, input]) => {
    const path = isAbsolute(input.path) ? input.path : relative(to, resolve(from, input.path));
    return [name, { ...input, path }] as const;
  });
  return { ...recipe, inputs: Object.fromEntries(inputs) };
}

async function pin(
  terminal: Terminal,
  { recipe, folder }: RecipeFile,
  options: LimitOptions,
): Promise<Recipe> {
  const limits = limitsFrom(options);
  using kernels = new Kernels({ threads: limits.threads });
  const line = new ProgressLine(terminal);
  const nested = Object.values(recipe.inputs)
    .map(({ path }) => resolve(folder, path))
    .filter(isRecipeFile);
  try {
    return await withInterrupt(terminal, async (signal) => {
      for (const path of nested) await makeModel(openModel(path), kernels, { limits, signal, line });
      return await pinRecipe(recipe, folder, kernels, { signal });
    });
  } finally {
    line.clear();
  }
}

function print(terminal: Terminal, path: string, { inputs }: Recipe): void {
  terminal.out(`${printable(path)}\n`);
  for (const [name, { fingerprint }] of Object.entries(inputs))
    terminal.out(`  ${printable(name)} is ${String(fingerprint)}\n`);
}
